import { Buffer } from "node:buffer";
import { Failure } from "../work/failure.ts";
import { decodeText, FILE_FAULTS, MAX_FILE_BYTES } from "../work/read_file.ts";

/** How long the kernel may take to make up a file; some of its files never end. */
export const KERNEL_FILE_MS = 10_000;

/** A file that was read whole. */
export interface FileText {
  /** The content exactly, a byte order mark included. */
  readonly text: string;
  readonly bytes: number;
}

/**
 * Reads a regular file of at most 32 MiB of UTF-8. Null: Deno does not let this program read there,
 * as in `/proc`, `/sys` and `/dev`; a script may. Throws a `Failure` that says what to do instead, or
 * what Deno throws.
 */
export async function readFileText(path: string): Promise<FileText | null> {
  const bytes = await readBytes(path);
  if (bytes === null) return null;
  const text = decodeText(bytes);
  if (text === null) throw new Failure(FILE_FAULTS.notText);
  return { text, bytes: bytes.length };
}

async function readBytes(path: string): Promise<Uint8Array | null> {
  try {
    return await readRegularFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable) return null;
    throw error;
  }
}

async function readRegularFile(path: string): Promise<Uint8Array> {
  // Before it is opened: opening a FIFO waits for a writer, perhaps for ever.
  const info = await Deno.stat(path);
  if (info.isDirectory) throw new Failure(FILE_FAULTS.directory);
  if (!info.isFile) throw new Failure(FILE_FAULTS.special);
  if (info.size > MAX_FILE_BYTES) throw new Failure(FILE_FAULTS.tooLong);
  using file = await Deno.open(path);
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  // Counted, since the size may be stale, and is 0 for what the kernel makes up.
  for await (const chunk of file.readable) {
    bytes += chunk.length;
    if (bytes > MAX_FILE_BYTES) throw new Failure(FILE_FAULTS.tooLong);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
