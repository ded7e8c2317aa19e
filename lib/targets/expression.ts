import { getOrAdd } from "../base/get_or_add.ts";
import { didYouMean } from "../base/text/near_names.ts";
import { parsePattern, type Pattern, PatternError } from "./pattern.ts";

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
  | { readonly kind: "refused"; readonly reason: string };

/** Characters of an expression. */
export const MAX_EXPRESSION_CHARS = 4_096;

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
    const names = new Set(expression.split("\n").flatMap((line) => [...evaluate(line, known)]));
    const targets = all.filter(({ name }) => names.has(name));
    if (targets.length > 0) return { kind: "targets", targets };
    return { kind: "refused", reason: `no host is in "${expression}"` };
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    return { kind: "refused", reason: error.message };
  }
}

class ExpressionError extends Error {
  override readonly name = "ExpressionError";
}

type Operator = "" | "&" | "!";

interface Word {
  readonly operator: Operator;
  readonly text: string;
}

/** All names, and those that are behind a word with `@`. */
interface KnownNames {
  readonly all: ReadonlySet<string>;
  readonly labels: ReadonlyMap<string, ReadonlySet<string>>;
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
  return { all: names, labels: labels.set("@all", names) };
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
  let names = new Set<string>();
  let isJoining = true;
  for (const { operator, text } of words) {
    if (operator === "" && !isJoining) {
      throw new ExpressionError(`"${text}" follows "&" or "!": put it before them`);
    }
    isJoining &&= operator === "";
    const found = namesOf(text, known);
    if (operator === "") names = names.union(found);
    else if (operator === "&") names = names.intersection(found);
    else names = names.difference(found);
  }
  return names;
}

/** Words and what stands before each; a comma in brackets belongs to its word. */
function splitWords(expression: string): Word[] {
  const words: Word[] = [];
  let operator: Operator = "";
  for (const [token] of expression.matchAll(/[&!]|(?:\[[^\]]*\]|[^\s,&!])+/g)) {
    if (token !== "&" && token !== "!") {
      words.push({ operator, text: token });
      operator = "";
    } else if (operator !== "") {
      throw new ExpressionError(`"${operator}" and "${token}" follow each other`);
    } else operator = token;
  }
  if (operator !== "") throw new ExpressionError(`nothing follows "${operator}"`);
  return words;
}

function namesOf(word: string, { all, labels }: KnownNames): ReadonlySet<string> {
  if (word.startsWith("@")) return namesBehind(word, labels);
  const pattern = readPattern(word);
  if (pattern.kind === "glob") {
    const found = [...all].filter(pattern.matches);
    if (found.length === 0) throw new ExpressionError(`no host matches "${word}"`);
    return new Set(found);
  }
  const missing = pattern.names.filter((name) => !all.has(name));
  const [first] = missing;
  if (first === undefined) return new Set(pattern.names);
  const others = missing.length === 1 ? "" : ` and ${missing.length - 1} more of "${word}"`;
  throw new ExpressionError(`unknown host "${first}"${others}${didYouMean(first, all)}`);
}

function namesBehind(word: string, labels: KnownNames["labels"]): ReadonlySet<string> {
  const found = labels.get(word);
  if (found !== undefined) return found;
  throw new ExpressionError(`unknown tag or group "${word}"${didYouMean(word, labels.keys())}`);
}

function readPattern(word: string): Pattern {
  try {
    return parsePattern(word);
  } catch (error) {
    if (!(error instanceof PatternError)) throw error;
    throw new ExpressionError(`"${word}" ${error.message}`, { cause: error });
  }
}
