/** The chunks as one array; `size` is the sum of their lengths. */
export function concat(chunks: readonly Uint8Array[], size: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(size);
  let offset = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, offset);
    offset += chunk.byteLength;
  }
  return bytes;
}

const strict = new TextDecoder("utf-8", { fatal: true });
const lenient = new TextDecoder();
/** What the lenient decoder puts for bytes that are no UTF-8; a text may hold it by itself. */
const REPLACEMENT = "\uFFFD";

/** The text of UTF-8 bytes; null if they are none. Replacing would change a file's content unseen. */
export function decodeUtf8(bytes: Uint8Array): string | null {
  const text = lenient.decode(bytes);
  // The strict decoder takes three times as long.
  return text.includes(REPLACEMENT) ? decodeStrictly(bytes) : text;
}

function decodeStrictly(bytes: Uint8Array): string | null {
  try {
    return strict.decode(bytes);
  } catch {
    return null;
  }
}

/**
 * Gives the memory of bytes back at once, which nobody may use any more, nor others in their buffer. The
 * garbage collector lets tens of megabytes of dead buffers pile up before it looks for them.
 */
export function letGo({ buffer }: Uint8Array): void {
  if (buffer instanceof ArrayBuffer && !buffer.detached) buffer.transfer(0);
}
