import assert from "node:assert/strict";
import { toResultJson } from "../../lib/mcp/answer.ts";

const LONG = 'a "quoted" line, \u{1F600} and \\ $& $1\n'.repeat(10_000);
const BLOCK = { type: "text", text: LONG };

const RESULTS: readonly (readonly [string, Record<string, unknown>])[] = [
  ["a long text twice", { content: [BLOCK], structuredContent: { text: LONG, n: 1 } }],
  ["a long text once", { content: [BLOCK], isError: true }],
  ["a long text in several blocks", { content: [BLOCK, BLOCK, { type: "image", data: "" }] }],
  ["a long text after another", { content: [{ type: "text", text: "short" }, BLOCK] }],
  ["a long text as a part of another", { content: [BLOCK], structuredContent: { x: `${LONG}!` } }],
  ["a short text", { content: [{ type: "text", text: "a" }], structuredContent: { text: "a" } }],
  ["no text", { content: [{ type: "image", data: LONG }], structuredContent: { text: LONG } }],
  ["no content", { structuredContent: { text: LONG } }],
  ["nonsense for content", { content: "x", structuredContent: { undefined: undefined } }],
];

for (const [what, result] of RESULTS) {
  Deno.test(`toResultJson() writes ${what} as JSON.stringify() does`, () => {
    assert.equal(toResultJson(result), JSON.stringify(result));
  });
}
