import type { Turns } from "../base/time/turns.ts";
import { cutText, formatCount, startWithin } from "./cut.ts";
import { joinCut } from "./marker.ts";
import { decode, offsetOfLastLines, pieceAt } from "./piece.ts";
import { searchLines } from "./search.ts";

/** What is wanted of a kept answer. */
export interface Wanted {
  readonly id: string;
  /** Where to begin, in bytes. */
  readonly offset?: number | undefined;
  /** The last lines alone: how many. */
  readonly tail?: number | undefined;
  readonly grep?: string | undefined;
  /** Lines around each match. */
  readonly context?: number | undefined;
  /** 0: all. */
  readonly maxChars: number;
  /** Answers can be long: they are read in turn. */
  readonly turns: Turns;
  readonly signal: AbortSignal;
}

/** What is shown of it. */
export interface Reading {
  readonly text: string;
  /** Where the text begins, in bytes; null: it is no part of the answer. */
  readonly offset: number | null;
  /** Where to go on; null: nothing is left. */
  readonly next: number | null;
  readonly size: number | null;
}

/** Reads a kept answer: as a whole (cut where it is long), a piece, its end, or the lines that match. */
export async function readOutput(bytes: Uint8Array, wanted: Wanted): Promise<Reading> {
  const maxChars = wanted.maxChars === 0 ? Number.MAX_SAFE_INTEGER : wanted.maxChars;
  const { offset, tail } = wanted;
  await wanted.turns.next(wanted.signal);
  if (wanted.grep !== undefined) {
    return await readMatches(bytes, { ...wanted, grep: wanted.grep, maxChars });
  }
  if (tail !== undefined) return readTail(bytes, { id: wanted.id, tail, maxChars });
  if (offset !== undefined) return readPiece(bytes, { id: wanted.id, offset, maxChars });
  return readWhole(bytes, { id: wanted.id, maxChars });
}

interface Bounds {
  readonly id: string;
  readonly maxChars: number;
}

function readWhole(bytes: Uint8Array, { id, maxChars }: Bounds): Reading {
  const whole = decode(bytes);
  const cut = cutText(whole, maxChars);
  const size = bytes.length;
  return cut === null
    ? { text: whole, offset: 0, next: null, size }
    : { text: joinCut(cut, id), offset: 0, next: cut.offset, size };
}

function readPiece(
  bytes: Uint8Array,
  { id, offset: from, maxChars }: Bounds & { readonly offset: number },
): Reading {
  const { text, offset, end } = pieceAt(bytes, from, maxChars);
  const isLast = end === bytes.length;
  const range = `bytes ${offset} to ${end} of ${bytes.length}`;
  const marker = isLast
    ? `[${range}: the end]`
    : `[${range}: remote_output id="${id}" offset=${end}]`;
  return {
    text: `${endLine(text)}${marker}`,
    offset,
    next: isLast ? null : end,
    size: bytes.length,
  };
}

function readTail(
  bytes: Uint8Array,
  { id, tail, maxChars }: Bounds & { readonly tail: number },
): Reading {
  const offset = offsetOfLastLines(bytes, tail);
  const lines = decode(bytes.subarray(offset));
  const size = bytes.length;
  if (lines.length <= maxChars) return { text: lines, offset, next: null, size };
  const start = startWithin(lines, lines.length - maxChars);
  const text = lines.slice(start);
  const marker =
    `[the beginning of these lines is left out: remote_output id="${id}" offset=${offset}]`;
  return { text: `${marker}\n${text}`, offset, next: null, size };
}

async function readMatches(
  bytes: Uint8Array,
  wanted: Wanted & { readonly grep: string },
): Promise<Reading> {
  const { grep: pattern, context = 0, offset = 0, tail, maxChars, turns, signal } = wanted;
  const from = tail === undefined ? offset : offsetOfLastLines(bytes, tail);
  const found = await searchLines(bytes, { pattern, context, from, maxChars, turns, signal });
  const { text, matches, next } = found;
  const lines = `${formatCount(matches)} matching ${matches === 1 ? "line" : "lines"}`;
  const marker = next === null
    ? `[${lines}]`
    : `[${lines} so far: the same with offset=${next}${
      tail === undefined ? "" : ", without tail,"
    } goes on]`;
  return { text: `${endLine(text)}${marker}`, offset: null, next, size: bytes.length };
}

/** The text with a line feed at its end, if there is any text. */
function endLine(text: string): string {
  return text === "" || text.endsWith("\n") ? text : `${text}\n`;
}
