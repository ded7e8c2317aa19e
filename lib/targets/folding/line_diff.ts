import { diffArrays } from "diff";

/** Lines of one text that is compared. */
const MAX_LINES = 5_000;
/** Lines that two texts may differ in. */
const MAX_EDITS = 200;

/** The work that the comparisons of one answer may take, in steps: some 0.1 s. */
export class DiffBudget {
  #steps = 4_000_000;

  /** Whether so many steps are left, which are then taken. */
  take(steps: number): boolean {
    if (steps > this.#steps) return false;
    this.#steps -= steps;
    return true;
  }
}

/** What two texts differ in, and by how much. */
export interface LineDiff {
  /** The lines that the second has instead of those of the first: `-old`, `+new`. */
  readonly text: string;
  /** How many lines that are. */
  readonly lines: number;
}

/** The lines of a text that is compared; null: there are too many. */
export function splitLines(text: string): readonly string[] | null {
  const lines = text.split("\n", MAX_LINES + 1);
  return lines.length > MAX_LINES ? null : lines;
}

/** Compares a text with lines, line by line; null: they differ too much, or it would take too long. */
export function diffLines(
  before: readonly string[],
  text: string,
  budget: DiffBudget,
): LineDiff | null {
  const after = splitLines(text);
  if (after === null) return null;
  const { old, changed } = withoutCommonEnds(before, after);
  // With more edits than lines, the diff is longer than the text.
  const maxEdits = Math.min(MAX_EDITS, after.length + 1, old.length + changed.length);
  const steps = before.length + after.length + (old.length + changed.length) * maxEdits;
  if (!budget.take(steps)) return null;
  const changes = diffArrays(old, changed, { maxEditLength: maxEdits });
  if (changes === undefined) return null;
  const lines = changes
    .filter(({ added, removed }) => added || removed)
    .flatMap(({ value, added }) => value.map((line) => `${added ? "+" : "-"}${line}`));
  return { text: lines.join("\n"), lines: lines.length };
}

function withoutCommonEnds(before: readonly string[], after: readonly string[]) {
  const most = Math.min(before.length, after.length);
  let start = 0;
  while (start < most && before[start] === after[start]) start++;
  let end = 0;
  while (end < most - start && before.at(-1 - end) === after.at(-1 - end)) end++;
  return {
    old: before.slice(start, before.length - end),
    changed: after.slice(start, after.length - end),
  };
}
