import assert from "node:assert/strict";
import { readMessage } from "../../lib/mcp/message.ts";
import { isTooNested } from "../../lib/mcp/nesting.ts";

const deep = (levels: number) => "[".repeat(levels) + "]".repeat(levels);
const filler = JSON.stringify("x".repeat(3_000));

for (
  const [what, text, expected] of [
    ["1,000 levels", `${deep(1_000)}${" ".repeat(1_000)}`, false],
    ["1,001 levels", deep(1_001), true],
    ["1,001 levels of objects", '{"a":'.repeat(1_001), true],
    ["1,001 levels behind a string", `[${filler},${deep(1_000)}]`, true],
    ["many values side by side", `[${"[],".repeat(999_000)}[]]`, false],
    ["more than a million arrays", `[${"[],".repeat(1_000_000)}[]]`, true],
    ["brackets in a string", JSON.stringify("[".repeat(5_000)), false],
    ["brackets in a string with quotes", JSON.stringify('"[\\'.repeat(5_000)), false],
    ["brackets in a string that never ends", `"${"[".repeat(5_000)}`, false],
    ["brackets behind an escaped backslash", `["\\\\",${deep(1_001)}]`, true],
    ["nothing", "", false],
  ] as const
) {
  Deno.test(`isTooNested() is ${expected} for ${what}`, () => {
    assert.equal(isTooNested(text), expected);
  });
}

Deno.test("readMessage() refuses what is nested too deep, as what is no JSON", () => {
  const params = (value: string) => `{"jsonrpc":"2.0","id":1,"method":"m","params":{"a":${value}}}`;
  assert.equal(readMessage(params(deep(900))).kind, "request");
  const message = readMessage(params(deep(1_100)));
  assert.equal(message.kind === "invalid" && message.error.code, -32700);
});
