import { GrowingBytes } from "../../base/growing_bytes.ts";
import { readFailure } from "../sources.ts";

/** The most bytes that are read from files or standard input, all together. */
export const MAX_INPUT_BYTES = 32 * 1024 * 1024;

/** What is to be read cannot be; the message is a few words that do not repeat its name. */
export class InputError extends Error {
  override readonly name = "InputError";
}

/** Reads a file, which may be a pipe, as UTF-8. Throws `InputError`. */
export async function readInputFile(path: string, maxBytes = MAX_INPUT_BYTES): Promise<string> {
  try {
    return await readInput((await Deno.open(path)).readable, maxBytes);
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
  maxBytes = MAX_INPUT_BYTES,
): Promise<string> {
  using bytes = new GrowingBytes(maxBytes);
  for await (const chunk of stream) {
    if (bytes.length + chunk.length > maxBytes) {
      throw new InputError(`is too long: at most ${MAX_INPUT_BYTES / 1024 / 1024} MiB are read`);
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
