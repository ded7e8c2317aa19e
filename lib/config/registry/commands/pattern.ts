import { RE2JS, RE2JSException } from "re2js";

/** A pattern of whole texts, in RE2 syntax: matching takes time that grows with the text alone. */
export interface Pattern {
  readonly matches: (text: string) => boolean;
  /** How many steps each character can take, about 20 ns each. */
  readonly steps: number;
}

/** Compiles a pattern, or returns what is wrong with it. */
export function compilePattern(text: string): Pattern | string {
  try {
    const compiled = RE2JS.compile(text);
    return { matches: (value) => compiled.matches(value), steps: compiled.programSize() };
  } catch (error) {
    if (!(error instanceof RE2JSException)) throw error;
    return "must be a regular expression in RE2 syntax";
  }
}

/** Whether all that a pattern matches plainly begins with a dash. */
export function beginsWithDash(pattern: string): boolean {
  return /^(\(\?[imsU]+\))?\\?-(?![?*{])/.test(pattern) && !pattern.includes("|");
}
