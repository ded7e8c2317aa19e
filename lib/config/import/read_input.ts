import { GrowingBytes } from "../../base/growing_bytes.ts";
import { readFailure } from "../sources.ts";

/** How much may be read. */
export interface InputLimit {
  /** In bytes, from all files together. */
  readonly max: number;
  /** What has been read from other files; absent: nothing. */
  readonly taken?: number;
}

/** What is to be read cannot be; the message is a few words that do not repeat its name. */
export class InputError extends Error {
  override readonly name = "InputError";
}

/** Reads a file, which may be a pipe, as UTF-8. Throws `InputError`. */
export async function readInputFile(path: string, limit: InputLimit): Promise<string> {
  try {
    return await readInput((await Deno.open(path)).readable, limit);
  } catch (error) {
    if (error instanceof InputError) throw error;
    throw new InputError(`cannot read it: ${failure(error)}`, { cause: error });
  }
}

/**
 * Reads a stream as UTF-8; what is none becomes U+FFFD, since a comment may be in another encoding.
 * Throws `InputError` where there is too much, or no text.
 */
export async function readInput(
  stream: ReadableStream<Uint8Array>,
  { max, taken = 0 }: InputLimit,
): Promise<string> {
  using bytes = new GrowingBytes(max);
  for await (const chunk of stream) {
    if (taken + bytes.length + chunk.length > max) {
      throw new InputError(`is too long: at most ${max / 1024 / 1024} MiB are read`);
    }
    bytes.push(chunk);
  }
  const text = new TextDecoder().decode(bytes.view());
  if (text.includes("\0")) throw new InputError("holds NUL characters: it must be UTF-8 text");
  return text;
}

function failure(error: unknown): string {
  return error instanceof Deno.errors.NotCapable
    ? `the sandbox keeps it from this program; "-" is standard input`
    : readFailure(error);
}
