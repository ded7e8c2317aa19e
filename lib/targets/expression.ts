import { getOrAdd } from "../base/get_or_add.ts";
import { didYouMean } from "../base/text/near_names.ts";
import { parsePattern, type Pattern, PatternError, type TakeComparisons } from "./pattern.ts";

/** Something that can be targeted. */
export interface Target {
  readonly name: string;
  readonly tags: readonly string[];
}

/** What an expression may name. */
export interface Targets<T extends Target> {
  readonly all: Iterable<T>;
  /** Names of targets by the name of their group, which no tag has; what is not in `all` is not there. */
  readonly groups: ReadonlyMap<string, ReadonlySet<string>>;
}

/** What an expression names: at least one, or why it names nothing. */
export type Resolved<T extends Target> =
  | { readonly kind: "targets"; readonly targets: readonly T[] }
  | {
    readonly kind: "refused";
    readonly reason: string;
    /** The reason without words of the expression, but for a name that is near to a known one. */
    readonly discreet: string;
  };

/** Characters of an expression. */
export const MAX_EXPRESSION_CHARS = 4_096;
/** Comparisons with names, and with what they may be, for one expression: some 0.1 s. */
const MAX_COMPARISONS = 1_000_000;

/**
 * Finds the targets of an expression among those that its caller may see, in their order. A space or a
 * comma joins, then `&` keeps those that are also in what follows, and `!` those that are not:
 * `web[01-20] @db & @prod ! web07`. What joins again after that is refused, since other programs
 * read it in different ways. Each line is an expression of its own, and all of them are joined.
 */
export function resolveTargets<T extends Target>(
  expression: string,
  visible: Targets<T>,
): Resolved<T> {
  const all = [...visible.all];
  try {
    const known = knownNames({ all, groups: visible.groups });
    const names = new Set<string>();
    for (const line of expression.split("\n")) {
      for (const name of evaluate(line, known)) names.add(name);
    }
    const targets = all.filter(({ name }) => names.has(name));
    if (targets.length > 0) return { kind: "targets", targets };
    const reason = `no host is in "${expression}"`;
    return { kind: "refused", reason, discreet: "no host is in it" };
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    return { kind: "refused", reason: error.message, discreet: error.discreet };
  }
}

class ExpressionError extends Error {
  override readonly name = "ExpressionError";
  readonly discreet: string;

  constructor(
    message: string,
    { discreet = message, ...options }: ErrorOptions & { readonly discreet?: string } = {},
  ) {
    super(message, options);
    this.discreet = discreet;
  }
}

type Operator = "" | "&" | "!";

interface Word {
  readonly operator: Operator;
  readonly text: string;
  /** Which word it is, such as `word 3`. */
  readonly place: string;
}

/** All names, and those that are behind a word with `@`. */
interface KnownNames {
  readonly all: ReadonlySet<string>;
  readonly labels: ReadonlyMap<string, ReadonlySet<string>>;
  /** What was found for words, which may come again. */
  readonly found: Map<string, ReadonlySet<string>>;
  readonly effort: Effort;
}

/** Keeps one expression from keeping all other work waiting. */
class Effort {
  #comparisons = 0;

  /** Counts comparisons with names. Throws where there were too many. */
  take(comparisons: number): void {
    this.#comparisons += comparisons;
    if (this.#comparisons <= MAX_COMPARISONS) return;
    throw new ExpressionError("targets take too long to look up: use fewer globs and ranges");
  }
}

function knownNames({ all, groups }: Targets<Target>): KnownNames {
  const names = new Set<string>();
  const labels = new Map<string, Set<string>>();
  for (const { name, tags } of all) {
    names.add(name);
    for (const tag of tags) getOrAdd(labels, `@${tag}`, () => new Set<string>()).add(name);
  }
  for (const [group, members] of groups) {
    const visible = names.intersection(members);
    if (visible.size > 0) labels.set(`@${group}`, visible);
  }
  const found = new Map<string, ReadonlySet<string>>();
  return { all: names, labels: labels.set("@all", names), found, effort: new Effort() };
}

/** The names that one expression stands for. */
function evaluate(expression: string, known: KnownNames): Set<string> {
  if (expression.length > MAX_EXPRESSION_CHARS) {
    throw new ExpressionError(`targets have more than ${MAX_EXPRESSION_CHARS} characters`);
  }
  const words = splitWords(expression);
  const [first] = words;
  if (first === undefined) throw new ExpressionError('targets are empty: "@all" means all hosts');
  if (first.operator !== "") {
    throw new ExpressionError(`targets begin with "${first.operator}": put hosts before it`);
  }
  const names = new Set<string>();
  let isJoining = true;
  for (const word of words) {
    const { operator, text, place } = word;
    if (operator === "" && !isJoining) {
      const fault = 'follows "&" or "!": put it before them';
      throw new ExpressionError(`"${text}" ${fault}`, { discreet: `${place} ${fault}` });
    }
    isJoining &&= operator === "";
    const found = getOrAdd(known.found, text, () => namesOf(word, known));
    const compared = operator === "&" ? names : found;
    known.effort.take(compared.size);
    for (const name of compared) {
      if (operator === "") names.add(name);
      else if (operator === "!" || !found.has(name)) names.delete(name);
    }
  }
  return names;
}

/** Words and what stands before each; a comma in brackets belongs to its word. */
function splitWords(expression: string): Word[] {
  const words: Word[] = [];
  let operator: Operator = "";
  for (const [token] of expression.matchAll(/[&!]|(?:\[[^\]]*\]|[^\s,&!])+/g)) {
    if (token !== "&" && token !== "!") {
      words.push({ operator, text: token, place: `word ${words.length + 1}` });
      operator = "";
    } else if (operator !== "") {
      throw new ExpressionError(`"${operator}" and "${token}" follow each other`);
    } else operator = token;
  }
  if (operator !== "") throw new ExpressionError(`nothing follows "${operator}"`);
  return words;
}

function namesOf(word: Word, { all, labels, effort }: KnownNames): ReadonlySet<string> {
  const { text, place } = word;
  if (text.startsWith("@")) return namesBehind(word, labels);
  const pattern = readPattern(word, (comparisons) => effort.take(comparisons));
  if (pattern.kind === "glob") {
    const found = [...all].filter(pattern.matches);
    if (found.length > 0) return new Set(found);
    throw new ExpressionError(`no host matches "${text}"`, {
      discreet: `${place} matches no host`,
    });
  }
  const missing = pattern.names.filter((name) => !all.has(name));
  const [first] = missing;
  if (first === undefined) return new Set(pattern.names);
  const others = missing.length === 1 ? "" : ` and ${missing.length - 1} more of "${text}"`;
  const reason = `unknown host "${first}"${others}`;
  throw unknownName(reason, { discreet: `${place} is no host`, hint: didYouMean(first, all) });
}

function namesBehind({ text, place }: Word, labels: KnownNames["labels"]): ReadonlySet<string> {
  const found = labels.get(text);
  if (found !== undefined) return found;
  const hint = didYouMean(text, labels.keys());
  const discreet = `${place} is no tag or group`;
  throw unknownName(`unknown tag or group "${text}"`, { discreet, hint });
}

/** What is near to a known name is a misspelt one. */
function unknownName(
  reason: string,
  { discreet, hint }: { readonly discreet: string; readonly hint: string },
): ExpressionError {
  const message = reason + hint;
  return new ExpressionError(message, { discreet: hint === "" ? discreet : message });
}

function readPattern({ text, place }: Word, take: TakeComparisons): Pattern {
  try {
    return parsePattern(text, take);
  } catch (error) {
    if (!(error instanceof PatternError)) throw error;
    throw new ExpressionError(`"${text}" ${error.message}`, {
      discreet: `${place} cannot be read: a range is written as [01-20,31]`,
      cause: error,
    });
  }
}
