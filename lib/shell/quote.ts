/**
 * Quotes a text so that a POSIX shell reads it as one word, byte for byte.
 *
 * Throws a `RangeError` for a NUL character: no shell word can hold one.
 */
export function quote(text: string): string {
  if (text.includes("\0")) throw new RangeError("Cannot quote a text with a NUL character");
  return `'${text.replaceAll("'", "'\\''")}'`;
}
