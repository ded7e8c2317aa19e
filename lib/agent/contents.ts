import type { Pause } from "../base/bursts.ts";
import type { OutputCapture } from "../shell/output.ts";
import { Failure } from "../work/failure.ts";
import { FILE_FAULTS, findReadFault, readFileProcedure } from "../work/read_file.ts";
import type { Reply } from "../work/reply.ts";
import type { Procedure } from "../work/script.ts";
import { writeFileProcedure, writtenReply } from "../work/write_file.ts";
import type { RunBash } from "./bash.ts";
import { writeAtomically } from "./files/atomic_write.ts";
import { readFilePieces, type Sink } from "./files/pieces.ts";
import type { Place } from "./files/root.ts";
import { FileText } from "./files/text.ts";
import { runProcedure, runScript } from "./procedure.ts";

/** How long a script may take, in milliseconds. */
const TIMES = {
  /** To read or write a regular file. */
  fileMs: 30_000,
  /** To read what the kernel makes up; some of its files never end. */
  kernelFileMs: 10_000,
  /** To hand a content to a device or a pipe, which somebody must read. */
  specialFileMs: 5_000,
} as const;

const PIECE_BYTES = 32 * 1024;

/** A call that is about a file's content. */
export interface ContentCall {
  /** The path as its caller wrote it. */
  readonly path: string;
  readonly place: Place;
  readonly signal: AbortSignal;
  readonly pause: Pause;
}

/** What is to become a file's content. */
export interface NewText {
  readonly text: string;
  /** What it must hold right before; null: anything or nothing. */
  readonly replaces: string | null;
}

/** Contents of files, read and written by this program itself or, where it must be, by a script. */
export interface Contents {
  /** The whole of a text. Throws a `Failure`, or what Deno throws, as `pour` does. */
  readonly read: (call: ContentCall) => Promise<string>;
  /** Reads piece by piece, and returns how many bytes there are. */
  readonly pour: (call: ContentCall, take: Sink["take"]) => Promise<number>;
  /** Has a script do it. Throws a `Failure`; or its reply says that it failed. */
  readonly run: (call: ContentCall, procedure: Procedure, extraMs?: number) => Promise<Reply>;
  /** Throws a `Failure`, or what Deno throws, as `read` does; or its reply says that it failed. */
  readonly write: (call: ContentCall, content: NewText) => Promise<Reply>;
  /** Has a script write. Throws a `Failure`; or its reply says that it failed. */
  readonly writeBy: (call: ContentCall, procedure: Procedure) => Promise<Reply>;
}

/** Contents with the local bash for scripts. */
export function createContents(
  runBash: RunBash,
  times: { readonly [name in keyof typeof TIMES]: number } = TIMES,
): Contents {
  function run(call: ContentCall, procedure: Procedure, extraMs = 0): Promise<Reply> {
    const { place: { isKernel }, signal } = call;
    const withinMs = (isKernel ? times.kernelFileMs : times.fileMs) + extraMs;
    return runProcedure(runBash, procedure, { withinMs, signal });
  }

  async function read(call: ContentCall): Promise<string> {
    const parts: string[] = [];
    const text = new FileText((part) => parts.push(part));
    await pour(call, text.take);
    text.end();
    return parts.join("");
  }

  async function pour(call: ContentCall, take: Sink["take"]): Promise<number> {
    const { path, place, signal, pause } = call;
    if (!place.byScript) return await readFilePieces(place, { take, pause });
    const withinMs = place.isKernel ? times.kernelFileMs : times.fileMs;
    const script = readFileProcedure(path, place.guarded);
    const run = await runScript(runBash, script, { withinMs, signal });
    using output = run.output;
    const fault = findReadFault(run);
    if (fault !== null) throw new Failure(fault);
    return await pourOutput(output, { take, pause });
  }

  async function write(call: ContentCall, { text, replaces }: NewText): Promise<Reply> {
    const { path, place } = call;
    const content = encode(text);
    const before = replaces === null ? null : encode(replaces);
    const isSpecial = place.isKernel || place.info?.isFile === false;
    if (before !== null && isSpecial) throw new Failure(FILE_FAULTS.special);
    const names = place.byScript ? null : await writeAtomically(place, content, before);
    if (names !== null) return writtenReply(path, { content, otherNames: names - 1 });
    const procedure = writeFileProcedure({
      path,
      guarded: place.guarded,
      content,
      replaces: before === null ? null : await sha256(before),
    });
    return await writeBy(call, procedure);
  }

  function writeBy({ place, signal }: ContentCall, procedure: Procedure): Promise<Reply> {
    const isSpecial = place.isKernel || place.info?.isFile === false;
    const withinMs = isSpecial ? times.specialFileMs : times.fileMs;
    return runProcedure(runBash, procedure, { withinMs, signal });
  }

  return { read, pour, run, write, writeBy };
}

async function pourOutput(output: OutputCapture, { take, pause }: Sink): Promise<number> {
  let bytes = 0;
  for (const part of output.parts("stdout")) {
    for (let at = 0; at < part.length; at += PIECE_BYTES) {
      await pause();
      const piece = part.subarray(at, at + PIECE_BYTES);
      take(piece);
      bytes += piece.length;
    }
  }
  return bytes;
}

function encode(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}

async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
}
