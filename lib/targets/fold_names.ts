import { MAX_NAMES } from "./pattern.ts";

/** The last number in a name, and what is around it. */
interface Numbered {
  readonly before: string;
  readonly digits: string;
  readonly after: string;
}

/** Names that are written together; `width`: how many digits their numbers are padded to. */
interface Group {
  readonly name: string;
  readonly numbered: Numbered[];
  readonly width: number;
}

/** A name that is a word of an expression, and means itself there. */
const WORD = /^[^\s,&!\[\]*?"@][^\s,&!\[\]*?"]*$/;

/**
 * Writes names briefly, as a target expression: `web[01-06,08] db1`. Names that differ in one number
 * alone are put together; the others stay as they are, all in the order of their first. A name that
 * would mean something else is in quotes, which make it no expression.
 */
export function foldNames(names: Iterable<string>): string {
  const all = [...new Set(names)].map((name) => ({ name, numbered: parseNumber(name) }));
  const widths = paddedWidths(all.flatMap(({ numbered }) => numbered ?? []));
  const groups = new Map<string, Group>();
  for (const { name, numbered } of all) {
    const width = numbered === null
      ? 0
      : widthOf(numbered, widths.get(keyOf(numbered)) ?? new Set());
    const key = numbered === null ? `=${name}` : `${width}${keyOf(numbered)}`;
    const group = groups.get(key) ?? { name, numbered: [], width };
    if (numbered !== null) group.numbered.push(numbered);
    groups.set(key, group);
  }
  return [...groups.values()].flatMap(writeGroup).join(" ");
}

function writeGroup({ name, numbered, width }: Group): string[] {
  if (numbered.length < 2) return [WORD.test(name) ? name : JSON.stringify(name)];
  const [{ before, after } = EMPTY] = numbered;
  const numbers = numbered.map(({ digits }) => Number(digits)).sort((a, b) => a - b);
  const words: string[] = [];
  for (let at = 0; at < numbers.length; at += MAX_NAMES) {
    words.push(`${before}[${foldNumbers(numbers.slice(at, at + MAX_NAMES), width)}]${after}`);
  }
  return words;
}

function parseNumber(name: string): Numbered | null {
  if (!WORD.test(name)) return null;
  const [, before, digits, after] = /^(.*?)(\d{1,9})(\D*)$/.exec(name) ?? [];
  if (before === undefined || digits === undefined || after === undefined) return null;
  // The digits before would belong to the number, too.
  return /\d$/.test(before) ? null : { before, digits, after };
}

function keyOf({ before, after }: Numbered): string {
  return JSON.stringify([before, after]);
}

/** The widths of those numbers that begin with a zero. */
function paddedWidths(all: readonly Numbered[]): ReadonlyMap<string, ReadonlySet<number>> {
  const padded = all.filter(({ digits }) => digits.startsWith("0") && digits.length > 1);
  const byKey = Map.groupBy(padded, keyOf);
  return new Map(
    [...byKey].map(([key, group]) => [key, new Set(group.map(({ digits }) => digits.length))]),
  );
}

/** A number without a zero in front may be one of those with zeros that needs none. */
function widthOf({ digits }: Numbered, widths: ReadonlySet<number>): number {
  if (digits.startsWith("0") && digits.length > 1) return digits.length;
  const [width = 0, ...others] = widths;
  return others.length === 0 && digits.length >= width ? width : 0;
}

/** Fewer numbers that are equally far apart are written one by one. */
const LEAST_STEPS = 4;

/** `01-06,08,10-16/2`; the numbers in ascending order. */
function foldNumbers(numbers: readonly number[], width: number): string {
  const write = (number: number | undefined) => String(number).padStart(width, "0");
  const ranges: string[] = [];
  for (let at = 0; at < numbers.length;) {
    const { length, step } = seriesAt(numbers, at);
    const [first, last] = [write(numbers[at]), write(numbers[at + length - 1])];
    if (length === 1) ranges.push(first);
    else ranges.push(step === 1 ? `${first}-${last}` : `${first}-${last}/${step}`);
    at += length;
  }
  return ranges.join(",");
}

/** How many numbers from a place on are equally far apart, as far as it is worth writing so. */
function seriesAt(numbers: readonly number[], at: number): { length: number; step: number } {
  const step = (numbers[at + 1] ?? NaN) - (numbers[at] ?? NaN);
  let end = at + 1;
  while ((numbers[end] ?? NaN) - (numbers[end - 1] ?? NaN) === step) end++;
  const length = end - at;
  return step === 1 || length >= LEAST_STEPS ? { length, step } : { length: 1, step: 1 };
}

const EMPTY: Numbered = { before: "", digits: "", after: "" };
