import assert from "node:assert/strict";
import { type JsonPieces, sizeOf, writeResultJson } from "../../../lib/mcp/json/pieces.ts";

const LONG = 'a "quoted" line, \u{1F600} and \\ $& $1\n'.repeat(10_000);
const OTHER = `${LONG.slice(0, -1)}!`;
const BLOCK = { type: "text", text: LONG };

const RESULTS: readonly (readonly [string, Record<string, unknown>])[] = [
  ["a long text twice", { content: [BLOCK], structuredContent: { text: LONG, n: 1 } }],
  ["a long text once", { content: [BLOCK], isError: true }],
  ["a long text in several blocks", { content: [BLOCK, BLOCK, { type: "image", data: "" }] }],
  ["a long text after another", { content: [{ type: "text", text: "short" }, BLOCK] }],
  ["two long texts", { content: [BLOCK], structuredContent: { stdout: OTHER, text: LONG } }],
  ["a long text as a part of another", { content: [BLOCK], structuredContent: { x: `${LONG}!` } }],
  ["a long text deep in a result", { content: [], structuredContent: { a: { b: [[LONG]] } } }],
  ["a short text", { content: [{ type: "text", text: "a" }], structuredContent: { text: "a" } }],
  ["an image", { content: [{ type: "image", data: LONG }], structuredContent: { text: "" } }],
  ["no content", { structuredContent: { text: LONG } }],
  ["nonsense for content", { content: "x", structuredContent: { undefined: undefined } }],
  ["many short parts", { content: Array.from({ length: 20_000 }, (_, index) => `€${index}`) }],
  ["characters of two halves at every border", { a: "\u{1F600}".repeat(200_000) }],
  ["the same behind a single one", { a: `x${"\u{1F600}".repeat(200_000)}` }],
  ["half characters", { a: "\ud83d".repeat(100_000) }],
  ["controls", { a: "\u0001".repeat(100_000) }],
];

const takeAll = () => true;

function textOf({ text, rest }: JsonPieces): string {
  return text + new TextDecoder().decode(new Uint8Array(rest.flatMap((piece) => [...piece])));
}

for (const [what, result] of RESULTS) {
  Deno.test(`writeResultJson() writes ${what} as JSON.stringify() does`, async () => {
    const json = await writeResultJson(result, takeAll);
    assert.ok(json);
    assert.equal(textOf(json), JSON.stringify(result));
    assert.equal(sizeOf(json), new TextEncoder().encode(JSON.stringify(result)).length);
  });
}

Deno.test("writeResultJson() returns a short result whole, and at once", () => {
  const json = writeResultJson({ content: [] }, () => assert.fail("no room is asked for"));
  assert.deepEqual(json, { text: '{"content":[]}', rest: [] });
});

Deno.test("writeResultJson() hands out pieces of 64 KiB characters at most", async () => {
  const json = await writeResultJson({ content: [BLOCK], other: ["x".repeat(300_000)] }, takeAll);
  assert.ok(json && json.rest.length > 8);
  assert.ok(json.rest.every(({ length }) => length <= 3 * 65_536));
});

Deno.test("writeResultJson() takes room for what it writes, once for a text that occurs twice", async () => {
  const taken: number[] = [];
  const take = (bytes: number) => taken.push(bytes) > 0;
  const text = "\u0001".repeat(1_000_000);
  await writeResultJson({ content: [{ type: "text", text }], structuredContent: { text } }, take);
  const total = taken.reduce((sum, bytes) => sum + bytes);
  assert.ok(total >= 6_000_000 && total < 6_001_000, String(total));
});

Deno.test("writeResultJson() stops where there is no room, and writes no further", async () => {
  let room = 1_000_000;
  const take = (bytes: number) => (room -= bytes) >= 0;
  const text = "x".repeat(30_000_000);
  assert.equal(await writeResultJson({ content: [{ type: "text", text }] }, take), null);
  assert.ok(room > -200_000);
  assert.equal(await writeResultJson({ content: Array(100_000).fill("abc") }, () => false), null);
});

Deno.test("writeResultJson() lets other work have its turn while it writes a huge text", async () => {
  const text = "\u0001".repeat(20_000_000);
  const startedAt = performance.now();
  let longestMs = 0;
  let lastAt = startedAt;
  const timer = setInterval(() => {
    longestMs = Math.max(longestMs, performance.now() - lastAt);
    lastAt = performance.now();
  }, 0);
  await writeResultJson(
    { content: [{ type: "text", text }], structuredContent: { text } },
    takeAll,
  );
  clearInterval(timer);
  const wholeMs = performance.now() - startedAt;
  assert.ok(longestMs > 0 && longestMs < 0.6 * wholeMs, `${longestMs} of ${wholeMs} ms`);
});
