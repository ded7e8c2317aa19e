/** Names that one pattern may stand for. */
export const MAX_NAMES = 10_000;

/** What a word of a target expression names, without `@`. */
export type Pattern =
  /** Exactly these names. */
  | { readonly kind: "names"; readonly names: readonly string[] }
  /** All names that match. */
  | { readonly kind: "glob"; readonly matches: (name: string) => boolean };

/** A word that cannot be read; the message says why, in words that follow it. */
export class PatternError extends Error {
  override readonly name = "PatternError";
}

/**
 * Reads a name, a range such as `web[01-20,31]` (padded as it is written, `[01-19/2]` is each second one, several make all their
 * combinations) or a glob such as `web*` (`*`: any characters, `?`: one). Throws a `PatternError`.
 */
export function parsePattern(word: string): Pattern {
  const parts = splitBrackets(word);
  const isGlob = parts.some(({ text, isRange }) => !isRange && /[*?]/.test(text));
  const choices = parts.map(({ text, isRange }) => isRange ? expandRange(text) : [text]);
  const count = choices.reduce((product, { length }) => product * length, 1);
  if (count > MAX_NAMES) throw new PatternError(`stands for more than ${MAX_NAMES} names`);
  const names = combine(choices);
  return isGlob
    ? { kind: "glob", matches: matcherOf(names) }
    : { kind: "names", names: [...new Set(names)] };
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
  const names = range.split(",").flatMap((item) => {
    const [, first = "", last = first, step = "1"] = RANGE.exec(item) ?? [];
    if (first === "" || Number(step) === 0) {
      throw new PatternError(`has a bad range "[${range}]": write [01-20,31] or [01-19/2]`);
    }
    return countUp(first, last, { step: Number(step), range });
  });
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
  if (length > MAX_NAMES) throw new PatternError(`stands for more than ${MAX_NAMES} names`);
  const width = first.startsWith("0") ? first.length : 0;
  return Array.from({ length }, (_, at) => String(from + at * step).padStart(width, "0"));
}

function combine(choices: readonly (readonly string[])[]): string[] {
  return choices.reduce<string[]>(
    (starts, ends) => starts.flatMap((start) => ends.map((end) => start + end)),
    [""],
  );
}

function matcherOf(globs: readonly string[]): (name: string) => boolean {
  return (name) => globs.some((glob) => isMatch(name, glob));
}

/** Goes back to the last `*` alone, so that no glob takes more than the product of both lengths. */
function isMatch(name: string, glob: string): boolean {
  let [at, next, star, resume] = [0, 0, -1, 0];
  while (at < name.length) {
    if (glob[next] === "*") {
      star = next++;
      resume = at;
    } else if (next < glob.length && (glob[next] === "?" || glob[next] === name[at])) {
      next++;
      at++;
    } else if (star >= 0) {
      next = star + 1;
      at = ++resume;
    } else return false;
  }
  while (glob[next] === "*") next++;
  return next === glob.length;
}
