import assert from "node:assert/strict";
import { findExcess } from "../../../lib/mcp/json/bounds.ts";
import { readMessage } from "../../../lib/mcp/message.ts";

const MIB = 1024 * 1024;
const deep = (levels: number) => "[".repeat(levels) + "]".repeat(levels);
const filler = JSON.stringify("x".repeat(3_000));
const members = (count: number) =>
  `{${Array.from({ length: count }, (_, index) => `"k${index}":1`).join()}}`;

for (
  const [what, text, excess] of [
    ["1,000 levels", `${deep(1_000)}${" ".repeat(1_000)}`, null],
    ["1,001 levels", deep(1_001), "1000 levels"],
    ["1,001 levels of objects", '{"a":'.repeat(1_001), "1000 levels"],
    ["1,001 levels behind a string", `[${filler},${deep(1_000)}]`, "1000 levels"],
    ["many arrays side by side", `[${"[],".repeat(499_000)}[]]`, null],
    ["more than half a million arrays", `[${"[],".repeat(500_000)}[]]`, "1000000 parts"],
    ["a million elements", `[${"1,".repeat(999_999)}1]`, null],
    ["more than a million elements", `[${"1,".repeat(1_000_000)}1]`, "1000000 parts"],
    ["100,000 members", members(100_000), null],
    ["100,001 members", members(100_001), "100000 members"],
    ["blanks", `{${" ".repeat(16 * MIB)}}`, "16777216 characters outside its strings"],
    ["a long number", "1".repeat(16 * MIB + 1), "16777216 characters outside its strings"],
    ["brackets in a string", JSON.stringify("[".repeat(5_000)), null],
    ["brackets in a string with quotes", JSON.stringify('"[\\'.repeat(5_000)), null],
    ["brackets in a string with few quotes", JSON.stringify(`"${"[".repeat(5_000)}"`), null],
    ["brackets in a string that never ends", `"${"[".repeat(5_000)}`, null],
    ["a string that ends in a backslash", `"\\"${"[".repeat(5_000)}\\`, null],
    ["brackets behind an escaped backslash", `["\\\\",${deep(1_001)}]`, "1000 levels"],
    ["brackets behind escapes", `["\\"${"\\\\".repeat(300)}",${deep(1_001)}]`, "1000 levels"],
    ["commas and colons in strings", `[${`",:",`.repeat(300_000)}""]`, null],
    ["nothing", "", null],
  ] as const
) {
  Deno.test(`findExcess() is ${excess} for ${what}`, () => {
    assert.equal(findExcess(text), excess);
  });
}

for (
  const [what, content] of [
    ["plain text", "x".repeat(48 * MIB)],
    ["quotes", '"'.repeat(24 * MIB)],
    ["backslashes", "\\".repeat(24 * MIB)],
    ["line ends", "\n".repeat(24 * MIB)],
  ] as const
) {
  Deno.test(`findExcess() takes less than 200 ms for a huge string of ${what}`, () => {
    const text = JSON.stringify({ content });
    findExcess(text.slice(0, 10_000));
    const startedAt = performance.now();
    assert.equal(findExcess(text), null);
    assert.ok(performance.now() - startedAt < 200);
  });
}

Deno.test("findExcess() sees a million keys in less than 50 ms", () => {
  const text = members(1_000_000);
  const startedAt = performance.now();
  assert.equal(findExcess(text), "100000 members");
  assert.ok(performance.now() - startedAt < 50);
});

Deno.test("readMessage() refuses what exceeds a bound, as what is no JSON, and names it", () => {
  const params = (value: string) => `{"jsonrpc":"2.0","id":1,"method":"m","params":{"a":${value}}}`;
  assert.equal(readMessage(params(deep(900))).kind, "request");
  assert.deepEqual(readMessage(params(deep(1_100))), {
    kind: "invalid",
    id: null,
    error: { code: -32700, message: "The message has more than 1000 levels" },
  });
});
