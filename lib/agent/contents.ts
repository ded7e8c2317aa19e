import { Failure } from "../work/failure.ts";
import { FILE_FAULTS, readFileProcedure } from "../work/read_file.ts";
import type { Reply } from "../work/reply.ts";
import type { Procedure } from "../work/script.ts";
import { writeFileProcedure, writtenReply } from "../work/write_file.ts";
import type { RunBash } from "./bash.ts";
import { writeAtomically } from "./files/atomic_write.ts";
import { readFileText } from "./files/file_text.ts";
import type { Place } from "./files/root.ts";
import { runProcedure } from "./procedure.ts";

/** How long a script may take, in milliseconds. */
const TIMES = {
  /** To read or write a regular file. */
  fileMs: 30_000,
  /** To read what the kernel makes up; some of its files never end. */
  kernelFileMs: 10_000,
  /** To hand a content to a device or a pipe, which somebody must read. */
  specialFileMs: 5_000,
} as const;

/** A call that is about a file's content. */
export interface ContentCall {
  /** The path as its caller wrote it. */
  readonly path: string;
  readonly place: Place;
  readonly signal: AbortSignal;
}

/** What is to become a file's content. */
export interface NewText {
  readonly text: string;
  /** What it must hold right before; null: anything or nothing. */
  readonly replaces: string | null;
}

/** Contents of files, read and written by this program itself or, where it must be, by a script. */
export interface Contents {
  readonly read: (call: ContentCall) => Promise<Reply>;
  /** Throws a `Failure`, or what Deno throws, as `read` does; or its reply says that it failed. */
  readonly write: (call: ContentCall, content: NewText) => Promise<Reply>;
}

/** Contents with the local bash for scripts. */
export function createContents(
  runBash: RunBash,
  times: { readonly [name in keyof typeof TIMES]: number } = TIMES,
): Contents {
  function run({ signal }: ContentCall, procedure: Procedure, withinMs: number): Promise<Reply> {
    return runProcedure(runBash, procedure, { withinMs, signal });
  }

  async function read(call: ContentCall): Promise<Reply> {
    const { path, place } = call;
    if (place.byScript) {
      const procedure = readFileProcedure(path, place.guarded);
      return await run(call, procedure, place.isKernel ? times.kernelFileMs : times.fileMs);
    }
    const { text, bytes } = await readFileText(place);
    return { text, failure: null, structured: { bytes } };
  }

  async function write(call: ContentCall, { text, replaces }: NewText): Promise<Reply> {
    const { path, place } = call;
    const content = encode(text);
    const before = replaces === null ? null : encode(replaces);
    const isSpecial = place.isKernel || place.info?.isFile === false;
    if (before !== null && isSpecial) throw new Failure(FILE_FAULTS.special);
    if (!place.byScript && await writeAtomically(place, content, before)) {
      return writtenReply(path, content.length);
    }
    const procedure = writeFileProcedure({
      path,
      guarded: place.guarded,
      content,
      replaces: before === null ? null : await sha256(before),
    });
    return await run(call, procedure, isSpecial ? times.specialFileMs : times.fileMs);
  }

  return { read, write };
}

function encode(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}

async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
}
