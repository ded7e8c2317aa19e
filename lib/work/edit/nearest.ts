/**
 * What is compared of a text that does not occur: so many lines and words, of lines at most so many
 * characters; and at a place that was found, so many lines, or as much but for white space.
 */
const WANTED = { lines: 5, words: 12, lineChars: 200, all: 500, chars: 64 * 1024 };
/** In how many places a word is looked at, and how many lines are where no word occurs. */
const CANDIDATES = { perWord: 100, lines: 1_000 };
/** What is shown: so many places, lines of each, of them equal ones, and characters before an occurrence. */
const SHOWN = { places: 3, lines: 5, same: 2, occurrences: 5, before: 80 };
/** What resembles the text less is not shown. */
const LEAST_SCORE = 0.5;
/** Of lines that are not equal: among others like it, an equal one shows the place. */
const MOST_UNEQUAL = 0.85;
/** Nor what resembles it so much less than another place. */
const MOST_LESS = 0.08;
const MAX_LINE_CHARS = 4_096;

/** A place in a text that resembles another, by its first line. */
interface Place {
  readonly at: number;
  readonly score: number;
}

/**
 * The lines that resemble a text most, with their numbers, to follow a message; empty: none does. In
 * bounded time: only lines that hold one of its rarest words are compared, or else the first ones.
 */
export function nearestLines(text: string, wanted: string): string {
  const lines = wanted.split("\n", WANTED.all).map(normal);
  const first = lines.findIndex((line) => line !== "");
  if (first < 0) return "";
  const last = lines.findLastIndex((line) => line !== "");
  const all = lines.slice(first, last + 1);
  const compared = all.slice(0, WANTED.lines);
  const places = startsOf(text, compared)
    .map((at) => ({ at, score: scoreAt(text, at, compared) }))
    .filter(({ score }) => score >= LEAST_SCORE);
  const best = pickBest(text, places).map(({ at }) => at);
  if (best.length === 0) return "";
  const same = best.filter((at) => isSameButSpace(text, at, wanted));
  return same.length > 0
    ? `. Only white space differs here:\n${showPlaces(text, same, all.length)}`
    : `. The nearest lines are:\n${
      showPlaces(text, best.map((at) => findDifference(text, at, all)), all.length)
    }`;
}

function isSameButSpace(text: string, at: number, wanted: string): boolean {
  if (wanted.length > WANTED.chars) return false;
  const part = text.slice(at, at + 2 * wanted.length + MAX_LINE_CHARS);
  return withoutSpace(part).includes(withoutSpace(wanted));
}

/** Lines without white space, and without those that are empty. */
function withoutSpace(text: string): string {
  return text.replace(/[^\S\n]+/g, "").replace(/\n+/g, "\n");
}

/** Where the lines that are shown begin, so that the first one that differs is among them. */
function findDifference(text: string, start: number, wanted: readonly string[]): number {
  let at = start;
  for (const [index, line] of wanted.entries()) {
    if (normal(text.slice(at, lineEnd(text, at))) !== line) {
      return index < SHOWN.lines ? start : linesBefore(text, at, SHOWN.same);
    }
    at = nextLine(text, at);
    if (at >= text.length) break;
  }
  return start;
}

/** The lines where a text occurs, with their numbers, to follow a message. */
export function occurrenceLines(text: string, wanted: string): string {
  const starts = new Set<number>();
  let at = text.indexOf(wanted);
  for (let count = 0; at >= 0 && count < CANDIDATES.perWord; count++) {
    starts.add(Math.max(lineStart(text, at), at - SHOWN.before));
    if (starts.size === SHOWN.occurrences) break;
    at = text.indexOf(wanted, at + wanted.length);
  }
  return `. The first are in:\n${showPlaces(text, [...starts], 1)}`;
}

/** Where lines begin that may be the first of those that are wanted. */
function startsOf(text: string, wanted: readonly string[]): number[] {
  const starts = new Set<number>();
  const found = wordsOf(wanted)
    .map(({ word, line }) => ({ line, places: placesOf(text, word) }))
    .filter(({ places }) => places.length > 0)
    .sort((one, other) => one.places.length - other.places.length);
  for (const { line, places } of found.slice(0, WANTED.words / 2)) {
    for (const place of places) starts.add(linesBefore(text, lineStart(text, place), line));
  }
  if (starts.size > 0) return [...starts];
  for (let at = 0; at < text.length && starts.size < CANDIDATES.lines;) {
    starts.add(at);
    at = nextLine(text, at);
  }
  return [...starts];
}

/** The longest words, and the number of the line of each. */
function wordsOf(lines: readonly string[]): { readonly word: string; readonly line: number }[] {
  return lines
    .flatMap((text, line) =>
      (text.match(/[\p{L}\p{N}_]{3,}/gu) ?? []).map((word) => ({ word, line }))
    )
    .sort((one, other) => other.word.length - one.word.length)
    .slice(0, WANTED.words);
}

function placesOf(text: string, word: string): number[] {
  const places: number[] = [];
  for (let at = text.indexOf(word); at >= 0 && places.length < CANDIDATES.perWord;) {
    places.push(at);
    at = text.indexOf(word, at + word.length);
  }
  return places;
}

/** How much the lines from a place on resemble those that are wanted: from 0 to 1. */
function scoreAt(text: string, start: number, wanted: readonly string[]): number {
  let sum = 0;
  let at = start;
  for (const line of wanted) {
    if (at >= text.length) break;
    sum += similarity(normal(text.slice(at, lineEnd(text, at))), line);
    at = nextLine(text, at);
  }
  return sum / wanted.length;
}

/** The best places whose lines do not overlap, in the order of the text. */
function pickBest(text: string, places: readonly Place[]): Place[] {
  const best: Place[] = [];
  for (const place of places.toSorted((one, other) => other.score - one.score)) {
    const isApart = best.every(({ at }) => at !== place.at && !isNear(text, at, place.at));
    if (place.score < (best[0]?.score ?? 0) - MOST_LESS) break;
    if (isApart) best.push(place);
    if (best.length === SHOWN.places) break;
  }
  return best.sort((one, other) => one.at - other.at);
}

function isNear(text: string, one: number, other: number): boolean {
  const [low, high] = [Math.min(one, other), Math.max(one, other)];
  let at = low;
  for (let count = 0; count < SHOWN.lines; count++) at = nextLine(text, at);
  return high < at;
}

/** Dice's coefficient of the pairs of characters of two lines. */
function similarity(one: string, other: string): number {
  if (one === other) return 1;
  if (one.length < 2 || other.length < 2) return 0;
  const pairs = new Map<string, number>();
  for (let at = 0; at < one.length - 1; at++) {
    const pair = one.slice(at, at + 2);
    pairs.set(pair, (pairs.get(pair) ?? 0) + 1);
  }
  let common = 0;
  for (let at = 0; at < other.length - 1; at++) {
    const pair = other.slice(at, at + 2);
    const left = pairs.get(pair) ?? 0;
    if (left === 0) continue;
    pairs.set(pair, left - 1);
    common++;
  }
  return MOST_UNEQUAL * 2 * common / (one.length + other.length - 2);
}

/** A line without what differs most often: its white space, in a length that is soon compared. */
function normal(line: string): string {
  return line.slice(0, 4 * WANTED.lineChars).trim().replace(/\s+/g, " ").slice(0, WANTED.lineChars);
}

/** The lines at some places, which are in order, each with its number. */
function showPlaces(text: string, starts: readonly number[], lines: number): string {
  const shown: string[] = [];
  let [number, counted] = [1, 0];
  for (const start of starts) {
    let at = start;
    for (let line = 0; line < Math.min(lines, SHOWN.lines) && at < text.length; line++) {
      for (let end = text.indexOf("\n", counted); end >= 0 && end < at; number++) {
        counted = end + 1;
        end = text.indexOf("\n", counted);
      }
      shown.push(`${number}: ${shownLine(text.slice(at, lineEnd(text, at)))}`);
      at = nextLine(text, at);
    }
  }
  return shown.join("\n");
}

/** A line as it is shown: cut where it is long. */
export function shownLine(line: string): string {
  const text = line.endsWith("\r") ? line.slice(0, -1) : line;
  return text.length <= WANTED.lineChars
    ? text
    : `${text.slice(0, WANTED.lineChars)}…`.toWellFormed();
}

// A longer line counts as several, so that a file of one line takes no longer than others.

function lineStart(text: string, at: number): number {
  const from = Math.max(0, at - MAX_LINE_CHARS);
  return from + text.slice(from, at).lastIndexOf("\n") + 1;
}

function lineEnd(text: string, at: number): number {
  const end = text.slice(at, at + MAX_LINE_CHARS).indexOf("\n");
  return end < 0 ? Math.min(at + MAX_LINE_CHARS, text.length) : at + end;
}

function nextLine(text: string, at: number): number {
  const end = lineEnd(text, at);
  return text[end] === "\n" || end === text.length ? end + 1 : end;
}

function linesBefore(text: string, start: number, count: number): number {
  let at = start;
  for (let line = 0; line < count && at > 0; line++) at = lineStart(text, at - 1);
  return at;
}
