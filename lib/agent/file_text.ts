import { Buffer } from "node:buffer";
import { quote } from "../shell/quote.ts";
import type { RunBash } from "./bash.ts";
import { Failure } from "../work/failure.ts";
import { readScriptOutput } from "./script_output.ts";

/** Largest file that is read or written whole. */
export const MAX_FILE_BYTES = 32 * 1024 * 1024;
/** How long the kernel may take to make up a file; some of its files never end. */
const KERNEL_FILE_MS = 10_000;

const IS_DIRECTORY = "it is a directory; use list_dir";
const IS_SPECIAL = "it is not a regular file; use shell";
const IS_TOO_LONG = "it has more than 32 MiB; use shell with head, tail or sed -n";

/** A file that was read whole. */
export interface FileText {
  /** The content exactly, a byte order mark included. */
  readonly text: string;
  readonly bytes: number;
}

/** What reading a file needs. */
export interface FileTextOptions {
  readonly runBash: RunBash;
  readonly signal: AbortSignal;
}

/**
 * Reads a regular file of at most 32 MiB of UTF-8. Throws a `Failure` that says what to do instead,
 * or what Deno throws.
 */
export async function readFileText(path: string, options: FileTextOptions): Promise<FileText> {
  const bytes = await readBytes(path, options);
  try {
    const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
    return { text: decoder.decode(bytes), bytes: bytes.length };
  } catch (error) {
    throw new Failure("it is not UTF-8 text; use shell with base64", { cause: error });
  }
}

async function readBytes(path: string, options: FileTextOptions): Promise<Uint8Array> {
  try {
    return await readRegularFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable) return await readKernelFile(path, options);
    throw error;
  }
}

async function readRegularFile(path: string): Promise<Uint8Array> {
  // Before it is opened: opening a FIFO waits for a writer, perhaps for ever.
  const info = await Deno.stat(path);
  if (info.isDirectory) throw new Failure(IS_DIRECTORY);
  if (!info.isFile) throw new Failure(IS_SPECIAL);
  if (info.size > MAX_FILE_BYTES) throw new Failure(IS_TOO_LONG);
  using file = await Deno.open(path);
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  // Counted, since the size may be stale, and is 0 for what the kernel makes up.
  for await (const chunk of file.readable) {
    bytes += chunk.length;
    if (bytes > MAX_FILE_BYTES) throw new Failure(IS_TOO_LONG);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** Deno opens files of `/proc`, `/sys` and `/dev` only to programs with all permissions. */
async function readKernelFile(
  path: string,
  { runBash, signal }: FileTextOptions,
): Promise<Uint8Array> {
  const word = quote(path);
  const bytes = await readScriptOutput(runBash, {
    script: `
if [ -d ${word} ]; then echo ${quote(IS_DIRECTORY)} >&2; exit 1; fi
if [ -e ${word} ] && ! [ -f ${word} ]; then echo ${quote(IS_SPECIAL)} >&2; exit 1; fi
LC_ALL=C exec head -c ${MAX_FILE_BYTES + 1} -- ${word}
`,
    maxBytes: MAX_FILE_BYTES + 1,
    withinMs: KERNEL_FILE_MS,
    signal,
  });
  if (bytes.length > MAX_FILE_BYTES) throw new Failure(IS_TOO_LONG);
  return bytes;
}
