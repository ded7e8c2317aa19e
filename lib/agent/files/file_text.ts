import { Buffer } from "node:buffer";
import { constants, type FileHandle, open } from "node:fs/promises";
import { Failure } from "../../work/failure.ts";
import { decodeText, FILE_FAULTS, MAX_FILE_BYTES } from "../../work/read_file.ts";
import { GUARD_FAULTS } from "../../work/guard.ts";
import { identityOf } from "./kept.ts";
import type { Place } from "./root.ts";

/** How often a file may be replaced between the check and the use. */
const MAX_TRIES = 3;
const PIECE_BYTES = 64 * 1024;

/** A file that was read whole. */
export interface FileText {
  /** The content exactly, a byte order mark included. */
  readonly text: string;
  readonly bytes: number;
}

/**
 * Reads a regular file of at most 32 MiB of UTF-8. Throws a `Failure` that says what to do instead,
 * or what Deno throws.
 */
export async function readFileText(place: Place): Promise<FileText> {
  const bytes = await readFileBytes(place);
  const text = decodeText(bytes);
  if (text === null) throw new Failure(FILE_FAULTS.notText);
  return { text, bytes: bytes.length };
}

/** The same as bytes. */
export async function readFileBytes(place: Place): Promise<Uint8Array> {
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    const bytes = await readOnce(place);
    if (bytes !== null) return bytes;
  }
  throw new Failure(GUARD_FAULTS.moved);
}

/** Null: what was opened is not what was there a moment before. */
async function readOnce({ path, refuseKept }: Place): Promise<Uint8Array | null> {
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
    return await readAll(file, info.size);
  } finally {
    await file.close();
  }
}

/** Counted, since a file may grow meanwhile. */
async function readAll(file: FileHandle, size: number): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  let bytes = 0;
  for (let room = size + 1;; room = PIECE_BYTES) {
    const piece = new Uint8Array(room);
    const { bytesRead } = await file.read(piece, 0, room, null);
    if (bytesRead === 0) break;
    bytes += bytesRead;
    if (bytes > MAX_FILE_BYTES) throw new Failure(FILE_FAULTS.tooLong);
    pieces.push(piece.subarray(0, bytesRead));
  }
  const [only] = pieces;
  return pieces.length === 1 && only !== undefined ? only : Buffer.concat(pieces);
}
