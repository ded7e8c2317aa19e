import { Buffer } from "node:buffer";

/** The beginning and the end of a text whose middle is left out. */
export interface Cut {
  readonly head: string;
  readonly tail: string;
  /** Size of the head in UTF-8: where the middle begins. */
  readonly offset: number;
  /** What is left out, such as `18,204 lines (1.2 MB)`. */
  readonly leftOut: string;
}

/**
 * Cuts a text that has more than `maxChars` characters (UTF-16 code units): a quarter is its head, the
 * rest its tail. Both end at ends of lines, where that does not cost half of them. Null: it is short.
 */
export function cutText(text: string, maxChars: number): Cut | null {
  if (text.length <= maxChars) return null;
  const headChars = Math.floor(maxChars / 4);
  const headEnd = endWithin(text, 0, headChars);
  const tailStart = startWithin(text, text.length - (maxChars - headChars));
  const head = text.slice(0, headEnd);
  const middle = text.slice(headEnd, tailStart);
  const offset = Buffer.byteLength(head);
  return { head, tail: text.slice(tailStart), offset, leftOut: formatSize(measureText(middle)) };
}

/** Where a piece ends that begins at `start` and has at most `maxChars`: after a line, or a character. */
export function endWithin(text: string, start: number, maxChars: number): number {
  const limit = start + maxChars;
  if (limit >= text.length) return text.length;
  if (maxChars === 0) return start;
  const lineEnd = text.lastIndexOf("\n", limit - 1) + 1;
  if (lineEnd - start >= maxChars / 2) return lineEnd;
  return isInsideCharacter(text, limit) ? limit - 1 : limit;
}

/** Where the end of a text begins that has at most what follows `from`: at a line, or a character. */
export function startWithin(text: string, from: number): number {
  if (from <= 0) return 0;
  const lineStart = text.indexOf("\n", from - 1) + 1;
  if (lineStart > 0 && lineStart - from <= (text.length - from) / 2) return lineStart;
  return isInsideCharacter(text, from) ? from + 1 : from;
}

/** Whether a text would be cut between the two halves of one character. */
function isInsideCharacter(text: string, index: number): boolean {
  return isHighSurrogate(text.charCodeAt(index - 1)) && !isHighSurrogate(text.charCodeAt(index));
}

function isHighSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit < 0xdc00;
}

/** How much text there is; of its lines, those that end. */
export interface TextSize {
  readonly lines: number;
  readonly bytes: number;
}

/** Measures a text, its bytes as UTF-8. */
export function measureText(text: string): TextSize {
  return { lines: countLines(text), bytes: Buffer.byteLength(text) };
}

/** A size for people and models: `18,204 lines (1.2 MB)`, or the bytes alone of a part of a line. */
export function formatSize({ lines, bytes }: TextSize): string {
  const size = formatBytes(bytes);
  return lines === 0 ? size : `${formatCount(lines)} ${lines === 1 ? "line" : "lines"} (${size})`;
}

const LINE_FEED = 0x0a;

function countLines(text: string): number {
  let count = 0;
  // Looking for each line feed takes much longer where there are many.
  for (let at = 0; at < text.length; at++) if (text.charCodeAt(at) === LINE_FEED) count++;
  return count;
}

/** A size for people and models: `812 bytes`, `34.1 kB`, `1.2 MB`. */
export function formatBytes(bytes: number): string {
  if (bytes < 1_000) return `${bytes} bytes`;
  return bytes < 1_000_000
    ? `${(bytes / 1_000).toFixed(1)} kB`
    : `${(bytes / 1_000_000).toFixed(1)} MB`;
}

/** A number with a comma between thousands. */
export function formatCount(count: number): string {
  return count.toLocaleString("en-US");
}
