import { endWithin } from "./cut.ts";

/** A part of a kept answer. */
export interface Piece {
  readonly text: string;
  /** Where it begins and ends, in bytes. */
  readonly offset: number;
  readonly end: number;
}

const LINE_FEED = 0x0a;

/**
 * The part of a UTF-8 text that begins at a byte and has at most `maxChars` characters, but one at
 * least. It begins with a whole character and ends with a line, where that does not cost half of it, or
 * with a whole character.
 */
export function pieceAt(bytes: Uint8Array, from: number, maxChars: number): Piece {
  let offset = Math.min(from, bytes.length);
  while (isContinuation(bytes[offset])) offset++;
  // One character can have two code units of UTF-16, none of which takes more than three bytes of UTF-8.
  const maxUnits = Math.max(2, maxChars);
  const decoded = decode(bytes.subarray(offset, startOfCharacter(bytes, offset + 3 * maxUnits)));
  const [first = ""] = decoded;
  const text = decoded.slice(0, Math.max(first.length, endWithin(decoded, 0, maxChars)));
  return { text, offset, end: offset + new TextEncoder().encode(text).length };
}

/** Where the last `count` lines of a text begin. */
export function offsetOfLastLines(bytes: Uint8Array, count: number): number {
  // The end of the last line begins no further one.
  let start = bytes.length - (bytes.at(-1) === LINE_FEED ? 1 : 0);
  for (let left = count; left > 0; left--) {
    const lineEnd = start === 0 ? -1 : bytes.lastIndexOf(LINE_FEED, start - 1);
    if (lineEnd < 0) return 0;
    if (left === 1) return lineEnd + 1;
    start = lineEnd;
  }
  return bytes.length;
}

/** How many lines end before a byte. */
export function countLinesBefore(bytes: Uint8Array, end: number): number {
  let count = 0;
  // Looking for each line feed takes much longer where there are many.
  for (let at = 0; at < end && at < bytes.length; at++) if (bytes[at] === LINE_FEED) count++;
  return count;
}

/** Where the line ends that begins at a byte, without its line feed. */
export function endOfLine(bytes: Uint8Array, start: number): number {
  const end = bytes.indexOf(LINE_FEED, start);
  return end < 0 ? bytes.length : end;
}

/** The text of some UTF-8. */
export function decode(bytes: Uint8Array): string {
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
}

/** The beginning of the character that a byte is part of; where it is part of none, its own place. */
export function startOfCharacter(bytes: Uint8Array, at: number): number {
  const byte = Math.min(at, bytes.length);
  // What has more than three of them is no text.
  const back = [0, 1, 2, 3].find((back) => !isContinuation(bytes[byte - back]));
  return byte - (back ?? 0);
}

function isContinuation(byte: number | undefined): boolean {
  return byte !== undefined && (byte & 0xc0) === 0x80;
}
