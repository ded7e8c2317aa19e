import { constants, type FileHandle, open } from "node:fs/promises";
import type { Pause } from "../../base/bursts.ts";
import { Failure } from "../../work/failure.ts";
import { FILE_FAULTS, MAX_FILE_BYTES } from "../../work/read_file.ts";
import { GUARD_FAULTS } from "../../work/guard.ts";
import { identityOf } from "./kept.ts";
import type { Place } from "./root.ts";

/** How often a file may be replaced between the check and the use. */
const MAX_TRIES = 3;
/** What is read at once, and what is passed on: strings of that size are soon and cheaply garbage. */
const [READ_BYTES, PIECE_BYTES] = [256 * 1024, 32 * 1024];

/** Where the pieces of a content go. */
export interface Sink {
  /** Called with each piece, valid during the call only. What it throws ends the reading. */
  readonly take: (piece: Uint8Array) => void;
  /** Waited for before each piece. */
  readonly pause: Pause;
}

/**
 * Reads a regular file of at most 32 MiB, piece by piece, and returns how many bytes it has. Throws a
 * `Failure` that says what to do instead, or what Deno throws.
 */
export async function readFilePieces(place: Place, sink: Sink): Promise<number> {
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    const bytes = await readOnce(place, sink);
    if (bytes !== null) return bytes;
  }
  throw new Failure(GUARD_FAULTS.moved);
}

/** Null, and nothing is read: what was opened is not what was there a moment before. */
async function readOnce({ path, refuseKept }: Place, sink: Sink): Promise<number | null> {
  const expected = await Deno.lstat(path);
  if (expected.isDirectory) throw new Failure(FILE_FAULTS.directory);
  // Before it is opened: a tape would be rewound, a watchdog started.
  if (!expected.isFile) throw new Failure(FILE_FAULTS.special);
  if (expected.size > MAX_FILE_BYTES) throw new Failure(FILE_FAULTS.tooLong);
  // Opening a FIFO that came in between would wait for a writer, perhaps for ever.
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const info = await file.stat();
    if (identityOf(info) !== identityOf(expected)) return null;
    refuseKept(info);
    return await readAll(file, info.size, sink);
  } finally {
    await file.close();
  }
}

/** Counted, since a file may grow meanwhile. */
async function readAll(
  file: FileHandle,
  size: number,
  { take, pause }: Sink,
): Promise<number> {
  const buffer = new Uint8Array(Math.min(size + 1, READ_BYTES));
  for (let bytes = 0;;) {
    const { bytesRead } = await file.read(buffer, 0, buffer.length, null);
    if (bytesRead === 0) return bytes;
    bytes += bytesRead;
    if (bytes > MAX_FILE_BYTES) throw new Failure(FILE_FAULTS.tooLong);
    for (let at = 0; at < bytesRead; at += PIECE_BYTES) {
      await pause();
      take(buffer.subarray(at, Math.min(at + PIECE_BYTES, bytesRead)));
    }
  }
}
