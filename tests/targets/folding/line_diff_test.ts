import assert from "node:assert/strict";
import { DiffBudget, diffLines } from "../../../lib/targets/folding/line_diff.ts";

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
    const diff = diffLines(before, after, new DiffBudget());
    assert.equal(diff?.text, text);
    assert.equal(diff?.lines, text === "" ? 0 : text.split("\n").length);
  });
}

Deno.test("diffLines() finds no diff of more lines than the text has", () => {
  assert.equal(diffLines("a\nb\nc\nd", "x", new DiffBudget()), null);
});

Deno.test("diffLines() takes no more time for many texts than its budget allows", () => {
  const budget = new DiffBudget();
  const text = (word: string) => Array.from({ length: 4_000 }, (_, at) => word + at % 7).join("\n");
  const startedAt = performance.now();
  let compared = 0;
  for (let round = 0; round < 2_000; round++) {
    if (diffLines(`${text("a")}\nx`, `${round}\n${text("a")}`, budget) !== null) compared++;
  }
  assert.ok(performance.now() - startedAt < 4_000);
  assert.ok(compared < 100, String(compared));
  assert.equal(diffLines("a\nb", "a\nc", new DiffBudget())?.text, "-b\n+c");
});
