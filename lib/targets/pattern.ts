/** Names that one pattern may stand for. */
export const MAX_NAMES = 10_000;
/** Spelling one of them takes as long as so many comparisons of names. */
const SPELLING_COMPARISONS = 2;

/** What a word of a target expression names, without `@`. */
export type Pattern =
  /** Exactly these names. */
  | { readonly kind: "names"; readonly names: readonly string[] }
  /** All names that match. */
  | { readonly kind: "glob"; readonly matches: (name: string) => boolean };

/** Counts comparisons with names, or with what they may be. May throw where there were too many. */
export type TakeComparisons = (comparisons: number) => void;

/** A word that cannot be read; the message says why, in words that follow it. */
export class PatternError extends Error {
  override readonly name = "PatternError";
}

/**
 * Reads a name, a range such as `web[01-20,31]` (padded as it is written; `[01-19/2]` is each second
 * one; several ranges make all their combinations) or a glob such as `web*` (`*`: any characters, `?`:
 * one). Throws a `PatternError`.
 */
export function parsePattern(word: string, take: TakeComparisons = () => {}): Pattern {
  const parts = splitBrackets(word);
  const choices = parts.map(({ text, isRange }) => isRange ? expandRange(text) : [text]);
  take(SPELLING_COMPARISONS * choices.reduce((sum, { length }) => sum + length, 0));
  const count = choices.reduce((product, { length }) => product * length, 1);
  if (count > MAX_NAMES) throw tooMany();
  const isGlob = parts.some(({ text, isRange }) => !isRange && /[*?]/.test(text));
  if (!isGlob) {
    take(SPELLING_COMPARISONS * count);
    return { kind: "names", names: [...new Set(combine(choices))] };
  }
  const steps = parts.flatMap(({ text, isRange }, at) =>
    isRange ? [oneOf(choices[at] ?? [])] : globSteps(text)
  );
  return { kind: "glob", matches: (name) => isMatch(name, steps, take) };
}

function tooMany(): PatternError {
  return new PatternError(`stands for more than ${MAX_NAMES} names`);
}

interface Part {
  readonly text: string;
  readonly isRange: boolean;
}

function splitBrackets(word: string): Part[] {
  const parts = word.split(/(\[[^\[\]]*\])/).filter((text) => text !== "").map((text) =>
    text.startsWith("[") && text.endsWith("]")
      ? { text: text.slice(1, -1), isRange: true }
      : { text, isRange: false }
  );
  if (parts.some(({ text, isRange }) => !isRange && /[[\]]/.test(text))) {
    throw new PatternError("has a bracket without its pair: a range is written as [01-20,31]");
  }
  return parts;
}

function expandRange(range: string): string[] {
  const names: string[] = [];
  for (const item of range.split(",")) {
    const [, first = "", last = first, step = "1"] = RANGE.exec(item) ?? [];
    if (first === "" || Number(step) === 0) {
      throw new PatternError(`has a bad range "[${range}]": write [01-20,31] or [01-19/2]`);
    }
    names.push(...countUp(first, last, { step: Number(step), range }));
    if (names.length > MAX_NAMES) throw tooMany();
  }
  return names;
}

/** `31`, `01-20`, or each second one of them, `01-20/2`. */
const RANGE = /^(\d{1,9})(?:-(\d{1,9})(?:\/(\d{1,9}))?)?$/;

/** As many digits as the first number has, if that begins with a zero. */
function countUp(
  first: string,
  last: string,
  { step, range }: { readonly step: number; readonly range: string },
): string[] {
  const [from, to] = [Number(first), Number(last)];
  if (to < from) throw new PatternError(`has a range that ends before it begins: "[${range}]"`);
  const length = Math.floor((to - from) / step) + 1;
  if (length > MAX_NAMES) throw tooMany();
  const width = first.startsWith("0") ? first.length : 0;
  return Array.from({ length }, (_, at) => String(from + at * step).padStart(width, "0"));
}

function combine(choices: readonly (readonly string[])[]): string[] {
  return choices.reduce<string[]>(
    (starts, ends) => starts.flatMap((start) => ends.map((end) => start + end)),
    [""],
  );
}

/** What a glob goes through: any characters, one, or one of some texts. */
type GlobStep = "*" | "?" | OneOf;

interface OneOf {
  readonly texts: ReadonlySet<string>;
  readonly lengths: ReadonlySet<number>;
}

function oneOf(texts: readonly string[]): OneOf {
  return { texts: new Set(texts), lengths: new Set(texts.map(({ length }) => length)) };
}

function globSteps(glob: string): GlobStep[] {
  return [...glob.matchAll(/\*+|\?|[^*?]+/g)].map(([text]) =>
    text.startsWith("*") ? "*" : text === "?" ? "?" : oneOf([text])
  );
}

/** Goes through all steps at once from wherever the one before can end, so that it goes back nowhere. */
function isMatch(name: string, steps: readonly GlobStep[], take: TakeComparisons): boolean {
  let ends: ReadonlySet<number> = new Set([0]);
  for (const step of steps) {
    if (ends.size === 0) return false;
    take(ends.size);
    ends = endsOf(step, name, ends);
  }
  return ends.has(name.length);
}

function endsOf(step: GlobStep, name: string, starts: ReadonlySet<number>): ReadonlySet<number> {
  const ends = new Set<number>();
  if (step === "*") {
    for (let end = Math.min(...starts); end <= name.length; end++) ends.add(end);
    return ends;
  }
  for (const start of starts) {
    if (step === "?") {
      if (start < name.length) ends.add(start + 1);
      continue;
    }
    for (const length of step.lengths) {
      const end = start + length;
      if (end <= name.length && step.texts.has(name.slice(start, end))) ends.add(end);
    }
  }
  return ends;
}
