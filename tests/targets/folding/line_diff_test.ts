import assert from "node:assert/strict";
import { DiffBudget, diffLines, splitLines } from "../../../lib/targets/folding/line_diff.ts";

function diff(before: string, after: string, budget = new DiffBudget()) {
  const lines = splitLines(before);
  return lines === null ? null : diffLines(lines, after, budget);
}

for (
  const [before, after, text] of [
    ["a\nb\nc", "a\nx\nc", "-b\n+x"],
    ["a\nb", "a\nb\nc", "+c"],
    ["a\nb\nc", "c", "-a\n-b"],
    ["a\nb\nc\nd", "x\nb\nc\ny", "-a\n+x\n-d\n+y"],
    ["a\na", "a\na\na", "+a"],
    ["a", "a", ""],
  ] as const
) {
  Deno.test(`diffLines() of ${JSON.stringify([before, after])}`, () => {
    const found = diff(before, after);
    assert.equal(found?.text, text);
    assert.equal(found?.lines, text === "" ? 0 : text.split("\n").length);
  });
}

Deno.test("diffLines() finds no diff of more lines than the text has", () => {
  assert.equal(diff("a\nb\nc\nd", "x"), null);
});

Deno.test("diffLines() compares no more texts than its budget allows", () => {
  const budget = new DiffBudget();
  const lines = Array.from({ length: 4_000 }, (_, at) => `line ${at % 7}`).join("\n");
  const diffs = Array.from(
    { length: 400 },
    (_, round) => diff(`${lines}\nend`, `${round}\n${lines}`, budget),
  );
  const compared = diffs.filter((diff) => diff !== null).length;
  assert.ok(compared > 0 && compared < 100, String(compared));
  assert.equal(diffs.at(-1), null);
});

Deno.test("diffLines() does not compare texts of more than 5,000 lines", () => {
  const lines = (count: number) =>
    Array.from({ length: count }, (_, at) => `line ${at}`).join("\n");
  const compare = (count: number) => diff(lines(count), `${lines(count - 1)}\nend`);
  assert.equal(compare(5_000)?.text, "-line 4999\n+end");
  assert.equal(compare(5_001), null);
});
