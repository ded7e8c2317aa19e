import { diffArrays } from "diff";

/** Longer texts are not compared, nor those that differ in more lines. */
const MAX_CHARS = 64 * 1024;
const MAX_EDITS = 100;

/** The lines that differ, `-` before those of the first text and `+` before the second's; null: too many. */
export function diffLines(before: string, after: string): string | null {
  if (before.length > MAX_CHARS || after.length > MAX_CHARS) return null;
  const options = { maxEditLength: MAX_EDITS };
  const changes = diffArrays(before.split("\n"), after.split("\n"), options);
  if (changes === undefined) return null;
  return changes.filter(({ added, removed }) => added || removed)
    .flatMap(({ added, value }) => value.map((line) => (added ? "+" : "-") + line))
    .join("\n");
}
