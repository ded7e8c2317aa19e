import { RE2JS, RE2JSException } from "re2js";
import { countLinesBefore, decode, endOfLine } from "./piece.ts";

/** What is searched for, and how much is shown. */
export interface Search {
  /** RE2 syntax, https://github.com/google/re2/wiki/Syntax. */
  readonly pattern: string;
  /** Lines that are shown before and after each match. */
  readonly context: number;
  /** Where to begin, in bytes: the beginning of a line. */
  readonly from: number;
  readonly maxChars: number;
  readonly signal: AbortSignal;
  /** For a text that is a part of a longer one; absent: it is whole. */
  readonly part?: SearchedPart;
}

/** Where a text that is searched stands in a longer one, whose lines are not counted. */
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

/** A longer line is shown, and searched, in part. */
const MAX_LINE_BYTES = 16 * 1024;
/** Lines that are searched before other work has its turn: about 5 ms. */
const TURN_LINES = 5_000;

/**
 * Searches a UTF-8 text for a pattern, line by line, in time that grows with the text alone, whatever
 * the pattern is. Throws a `PatternError` for a bad pattern, and the reason of `signal`.
 */
export async function searchLines(bytes: Uint8Array, search: Search): Promise<Found> {
  const pattern = compile(search.pattern);
  const shown = new ShownLines(search.context, search.maxChars);
  const { from, part } = search;
  const to = part?.to ?? bytes.length;
  let start = part === undefined ? from : 0;
  let number = countLinesBefore(bytes, start);
  while (start < to || start < bytes.length && shown.wantsMore(number)) {
    const end = endOfLine(bytes, start);
    const text = decode(bytes.subarray(start, Math.min(end, start + MAX_LINE_BYTES)));
    const label = part === undefined ? ++number : (number++, part.offset + start);
    const isMatch = start >= from && start < to && pattern.test(text);
    if (!shown.add({ text, number, label }, isMatch)) return { ...shown.result(), next: start };
    start = end + 1;
    if (number % TURN_LINES === 0) await turn(search.signal);
  }
  return { ...shown.result(), next: null };
}

function compile(pattern: string): RE2JS {
  try {
    return RE2JS.compile(pattern);
  } catch (error) {
    if (error instanceof RE2JSException) throw new PatternError(error.message, { cause: error });
    throw error;
  }
}

async function turn(signal: AbortSignal): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 0));
  signal.throwIfAborted();
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
    const lines = [
      ...this.#gap(line),
      ...this.#before.map(({ label, text }) => `${label}-${text}`),
      `${line.label}${isMatch ? ":" : "-"}${line.text}`,
    ];
    const chars = lines.reduce((sum, text) => sum + text.length + 1, 0);
    if (this.#matches > 0 && this.#chars + chars > this.#maxChars) return !isMatch;
    this.#lines.push(...lines);
    this.#chars += chars;
    this.#before = [];
    this.#lastShown = line.number;
    if (isMatch) {
      this.#matches++;
      this.#lastMatch = line.number;
    }
    return true;
  }

  /** Whether the line behind this one may be shown without a match in it. */
  wantsMore(number: number): boolean {
    return number < this.#lastMatch + this.#context;
  }

  result(): Pick<Found, "text" | "matches"> {
    return { text: this.#lines.join("\n").slice(0, this.#maxChars), matches: this.#matches };
  }

  #gap({ number }: Line): string[] {
    const first = this.#before[0]?.number ?? number;
    return this.#context > 0 && this.#matches > 0 && first > this.#lastShown + 1 ? ["--"] : [];
  }
}
