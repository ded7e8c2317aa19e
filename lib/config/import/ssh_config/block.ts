import { matchesWildcards, parseHostPattern, type Wildcards } from "./wildcards.ts";

/** To which hosts what follows in a file of ssh's configuration applies; `match`: only ssh knows. */
export type Block = HostBlock | "match";

/** A `Host` line. */
export interface HostBlock {
  /** Where it is, as `FILE:LINE`; null: it is the beginning of a file, which applies to all. */
  readonly place: string | null;
  /** Names without wildcards. */
  readonly names: readonly string[];
  /** Whether what follows the line applies to a name. */
  readonly applies: (name: string) => boolean;
}

/** What stands before the first `Host` line. */
export const EVERY_HOST: HostBlock = { place: null, names: [], applies: () => true };

/** Reads the patterns of a `Host` line: one of them must match, and none of the negated ones. */
export function readHostBlock(patterns: readonly string[], place: string): HostBlock {
  const negated = patterns.filter(isNegated).map((pattern) => parseHostPattern(pattern.slice(1)));
  const plain = patterns.filter((pattern) => !isNegated(pattern));
  const names = plain.filter((pattern) => !/[*?]/.test(pattern));
  const exact = new Set(names);
  const globs = plain.filter((pattern) => /[*?]/.test(pattern)).map(parseHostPattern);
  return {
    place,
    names: [...exact],
    applies: (name) => (exact.has(name) || isAny(name, globs)) && !isAny(name, negated),
  };
}

function isNegated(pattern: string): boolean {
  return pattern.startsWith("!");
}

function isAny(name: string, patterns: readonly Wildcards[]): boolean {
  return patterns.some((pattern) => matchesWildcards(name, pattern));
}
