import { RE2JS, RE2JSException } from "re2js";
import type { Turns } from "../base/time/turns.ts";
import { endWithin } from "./cut.ts";
import { countLinesBefore, decode, endOfLine, startOfCharacter } from "./piece.ts";

/** What is searched for, and how much is shown. */
export interface Search {
  /** RE2 syntax, https://github.com/google/re2/wiki/Syntax. */
  readonly pattern: string;
  /** Lines that are shown before and after each match. */
  readonly context: number;
  /** Where to begin, in bytes. */
  readonly from: number;
  readonly maxChars: number;
  readonly turns: Turns;
  readonly signal: AbortSignal;
  /** For a text that is a part of a longer one; absent: it is whole. */
  readonly part?: SearchedPart;
}

/** The place of a searched text in a longer one, whose lines are not counted. */
export interface SearchedPart {
  /** Where it begins there, in bytes: lines are shown with the place where they begin. */
  readonly offset: number;
  /** Where to end, in bytes of the part; what stands before `from` and behind it is context alone. */
  readonly to: number;
}

/** The lines that match, as `grep -n` prints them. */
export interface Found {
  readonly text: string;
  readonly matches: number;
  /** Where to go on, in bytes; null: everything was searched. */
  readonly next: number | null;
}

/** A pattern that cannot be used; the message says why. */
export class PatternError extends Error {
  override readonly name = "PatternError";
}

/** A longer line is searched, and shown, in parts. */
const PART_BYTES = 2 * 1024;
/** How far parts of a line overlap: what is no longer is found also where two of them meet. */
const OVERLAP_BYTES = 256;
/** Of a pattern, each of which can take 20 ns for each byte: 20 ms for a part. */
const MAX_STEPS = 500;
/** Of one search. */
const MAX_TURNS = 500;

/**
 * Searches a UTF-8 text for a pattern, line by line, in time that grows with the text alone, whatever
 * the pattern is. Throws a `PatternError` for a bad pattern, and the reason of `signal`.
 */
export async function searchLines(bytes: Uint8Array, search: Search): Promise<Found> {
  const { turns, from, part, signal } = search;
  const pattern = compile(search.pattern);
  const shown = new ShownLines(search.context, search.maxChars);
  const to = part?.to ?? bytes.length;
  let start = part === undefined ? from : 0;
  let number = countLinesBefore(bytes, start);
  let turnsLeft = MAX_TURNS;
  while (start < to || start < bytes.length && shown.wantsMore(number)) {
    const end = endOfLine(bytes, start);
    number++;
    const first = start < from && from < end ? from : start;
    const label = part === undefined ? number : part.offset + first;
    for (const { offset, text, enclosed, isPart } of partsOf(bytes, first, end)) {
      if (turns.isOver()) {
        if (turnsLeft-- === 0) return { ...shown.result(), next: offset };
        await turns.next(signal);
      }
      const place = (part?.offset ?? 0) + offset;
      const line = { number, label, text: isPart ? `[byte ${place}] ${text}` : text };
      const isSearched = offset >= from && start < to;
      const isMatch = isSearched && pattern.test(text) && (!isPart || pattern.test(enclosed));
      // Around a match, the parts of a long line would take all the room.
      if (isPart && !isMatch) continue;
      if (!shown.add(line, isMatch)) return { ...shown.result(), next: offset };
    }
    start = end + 1;
  }
  return { ...shown.result(), next: null };
}

function compile(pattern: string): RE2JS {
  const compiled = parse(pattern);
  if (compiled.programSize() <= MAX_STEPS) return compiled;
  throw new PatternError("it repeats too much: give smaller numbers in { }");
}

function parse(pattern: string): RE2JS {
  try {
    return RE2JS.compile(pattern);
  } catch (error) {
    if (error instanceof RE2JSException) throw new PatternError(error.message, { cause: error });
    throw error;
  }
}

interface Part {
  /** In bytes. */
  readonly offset: number;
  readonly text: string;
  /** The text between what keeps its ends from being mistaken for those of the line. */
  readonly enclosed: string;
  /** Whether the line has more. */
  readonly isPart: boolean;
}

/** A character that no text has. */
const NO_CHARACTER = "\ufdd0";

/** A line, as a whole unless it is long. */
function* partsOf(bytes: Uint8Array, start: number, lineEnd: number): Generator<Part> {
  const isPart = lineEnd - start > PART_BYTES;
  let end: number;
  for (let offset = start;; offset = startOfCharacter(bytes, end - OVERLAP_BYTES)) {
    end = startOfCharacter(bytes, Math.min(offset + PART_BYTES, lineEnd));
    const isLast = end === lineEnd;
    const decoded = decode(bytes.subarray(offset, end));
    const text = isLast ? decoded.replace(/\r$/, "") : decoded;
    const before = offset === start ? "" : NO_CHARACTER;
    const after = isLast ? "" : NO_CHARACTER;
    yield { offset, text, enclosed: before + text + after, isPart };
    if (isLast) return;
  }
}

interface Line {
  readonly text: string;
  readonly number: number;
  /** What it is shown with. */
  readonly label: number;
}

/** The lines that match and those around them, within a number of characters. */
class ShownLines {
  readonly #context: number;
  readonly #maxChars: number;
  readonly #lines: string[] = [];
  /** Those that are shown if the next line matches. */
  #before: Line[] = [];
  #chars = 0;
  #matches = 0;
  #lastMatch = -Infinity;
  #lastShown = -Infinity;

  constructor(context: number, maxChars: number) {
    this.#context = context;
    this.#maxChars = maxChars;
  }

  /** False: there is no room for a match, so the search has to go on another time. */
  add(line: Line, isMatch: boolean): boolean {
    if (!isMatch && line.number > this.#lastMatch + this.#context) {
      this.#before.push(line);
      if (this.#before.length > this.#context) this.#before.shift();
      return true;
    }
    const shown = `${line.label}${isMatch ? ":" : "-"}${line.text}`;
    const lines = [
      ...this.#gap(line),
      ...this.#before.map(({ label, text }) => `${label}-${text}`),
      shown,
    ];
    const chars = lines.reduce((sum, text) => sum + text.length + 1, 0);
    const hasRoom = this.#chars + chars <= this.#maxChars;
    if (!hasRoom && this.#matches > 0) return !isMatch;
    // The first match is shown in any case.
    this.#lines.push(...hasRoom ? lines : [shown]);
    this.#chars += chars;
    this.#before = [];
    this.#lastShown = line.number;
    if (isMatch) {
      if (line.number !== this.#lastMatch) this.#matches++;
      this.#lastMatch = line.number;
    }
    return true;
  }

  /** Whether the line behind this one may be shown without a match in it. */
  wantsMore(number: number): boolean {
    return number < this.#lastMatch + this.#context;
  }

  result(): Pick<Found, "text" | "matches"> {
    const text = this.#lines.join("\n");
    const end = endWithin(text, 0, this.#maxChars);
    return { text: end < text.length ? `${text.slice(0, end)}…` : text, matches: this.#matches };
  }

  #gap({ number }: Line): string[] {
    const first = this.#before[0]?.number ?? number;
    return this.#context > 0 && this.#matches > 0 && first > this.#lastShown + 1 ? ["--"] : [];
  }
}
