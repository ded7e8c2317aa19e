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

/** The shortest of three runs, in milliseconds. */
function timeOf(work: () => void): number {
  return Math.min(...[1, 2, 3].map(() => {
    const startedAt = performance.now();
    work();
    return performance.now() - startedAt;
  }));
}

for (
  const [what, unit] of [
    ["plain text", "x"],
    ["quotes", '"'],
    ["backslashes", "\\"],
    ["line ends", "\n"],
  ] as const
) {
  Deno.test(`findExcess() takes time in proportion to a string of ${what}`, () => {
    const timeFor = (size: number) => {
      const text = JSON.stringify({ content: unit.repeat(size) });
      return timeOf(() => assert.equal(findExcess(text), null));
    };
    const [short, long] = [timeFor(6 * MIB), timeFor(24 * MIB)];
    assert.ok(long < 10 * short + 5, `${short} ms, ${long} ms`);
  });
}

Deno.test("findExcess() counts no further than the bound", () => {
  const timeFor = (count: number) => {
    const text = members(count);
    return timeOf(() => assert.equal(findExcess(text), "100000 members"));
  };
  const [few, many] = [timeFor(200_000), timeFor(4_000_000)];
  assert.ok(many < 5 * few + 5, `${few} ms, ${many} ms`);
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
