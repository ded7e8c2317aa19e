import { didYouMean } from "../base/text/near_names.ts";
import { parsePattern, type Pattern, PatternError } from "./pattern.ts";

/** Something that can be targeted. */
export interface Target {
  readonly name: string;
  readonly tags: readonly string[];
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
  visible: Iterable<T>,
): Resolved<T> {
  const all = [...visible];
  try {
    const names = new Set(expression.split("\n").flatMap((line) => [...evaluate(line, all)]));
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

/** The names that one expression stands for. */
function evaluate(expression: string, all: readonly Target[]): Set<string> {
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
    const found = namesOf(text, all);
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

function namesOf(word: string, all: readonly Target[]): Set<string> {
  if (word.startsWith("@")) return namesWithTag(word, all);
  const pattern = readPattern(word);
  const known = new Set(all.map(({ name }) => name));
  if (pattern.kind === "glob") {
    const found = [...known].filter(pattern.matches);
    if (found.length === 0) throw new ExpressionError(`no host matches "${word}"`);
    return new Set(found);
  }
  const missing = pattern.names.filter((name) => !known.has(name));
  const [first] = missing;
  if (first === undefined) return new Set(pattern.names);
  const others = missing.length === 1 ? "" : ` and ${missing.length - 1} more of "${word}"`;
  throw new ExpressionError(`unknown host "${first}"${others}${didYouMean(first, known)}`);
}

function namesWithTag(word: string, all: readonly Target[]): Set<string> {
  if (word === "@all") return new Set(all.map(({ name }) => name));
  const tag = word.slice(1);
  const found = all.filter(({ tags }) => tags.includes(tag)).map(({ name }) => name);
  if (found.length > 0) return new Set(found);
  const tags = new Set(all.flatMap((target) => target.tags.map((known) => `@${known}`)));
  throw new ExpressionError(`no host has the tag "${word}"${didYouMean(word, tags)}`);
}

function readPattern(word: string): Pattern {
  try {
    return parsePattern(word);
  } catch (error) {
    if (!(error instanceof PatternError)) throw error;
    throw new ExpressionError(`"${word}" ${error.message}`, { cause: error });
  }
}
