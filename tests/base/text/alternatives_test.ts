import assert from "node:assert/strict";
import { alternatives } from "../../../lib/base/text/alternatives.ts";

for (
  const [names, expected] of [
    [[], ""],
    [["a"], '"a"'],
    [["a", "b"], '"a" or "b"'],
    [["a", "b", "c"], '"a", "b" or "c"'],
  ] as const
) {
  Deno.test(`alternatives() of ${names.length} names are ${expected || "nothing"}`, () => {
    assert.equal(alternatives(names), expected);
  });
}
