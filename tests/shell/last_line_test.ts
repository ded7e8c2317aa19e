import assert from "node:assert/strict";
import { lastLine } from "../../lib/shell/last_line.ts";

const TABLE: readonly [output: string, line: string | null][] = [
  ["one\ntwo\n", "two"],
  ["10 %\r50 %\r", "50 %"],
  ["no end", "no end"],
  ["text\n \n\t\n", "text"],
  ["a\x00b\x07", "a b"],
  ["\n\n", null],
  ["", null],
];

for (const [output, line] of TABLE) {
  Deno.test(`lastLine() of ${JSON.stringify(output)} is ${JSON.stringify(line)}`, () => {
    assert.equal(lastLine(new TextEncoder().encode(output)), line);
  });
}

Deno.test("lastLine() looks at the end of a long chunk only", () => {
  assert.equal(lastLine(new Uint8Array(1_000_000).fill(0x61)), "a".repeat(200));
});
