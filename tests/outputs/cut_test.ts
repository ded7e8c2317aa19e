import assert from "node:assert/strict";
import { cutText, formatBytes } from "../../lib/outputs/cut.ts";

const LINES = Array.from({ length: 1_000 }, (_, index) => `line ${index}\n`).join("");

Deno.test("cutText() leaves a text alone that is no longer than it may be", () => {
  assert.equal(cutText("12345", 5), null);
  assert.notEqual(cutText("123456", 5), null);
});

Deno.test("cutText() keeps a quarter as the head and the rest as the tail, in whole lines", () => {
  const cut = cutText(LINES, 1_000);
  assert.ok(cut !== null);
  assert.ok(LINES.startsWith(cut.head) && cut.head.endsWith("\n"));
  assert.ok(LINES.endsWith(cut.tail) && LINES.at(-cut.tail.length - 1) === "\n");
  assert.ok(cut.head.length > 230 && cut.head.length <= 250, String(cut.head.length));
  assert.ok(cut.tail.length > 730 && cut.tail.length <= 750, String(cut.tail.length));
  const middle = LINES.slice(cut.head.length, -cut.tail.length);
  const lines = middle.split("\n").length - 1;
  assert.equal(cut.leftOut, `${lines} lines (${formatBytes(middle.length)})`);
  assert.equal(cut.offset, cut.head.length);
});

Deno.test("cutText() cuts within a long line rather than lose most of what may be shown", () => {
  const cut = cutText(`[rc=0]\n${"x".repeat(10_000)}`, 1_000);
  assert.deepEqual([cut?.head.length, cut?.tail.length, cut?.leftOut], [250, 750, "9.0 kB"]);
});

Deno.test("cutText() cuts no character in half, and counts in bytes where it cut", () => {
  for (let chars = 100; chars < 110; chars++) {
    const cut = cutText("😀".repeat(1_000), chars);
    assert.ok(cut !== null);
    assert.match(cut.head, /^(😀)+$/u);
    assert.match(cut.tail, /^(😀)+$/u);
    assert.equal(cut.offset, cut.head.length * 2);
    assert.ok(cut.head.length + cut.tail.length <= chars);
  }
});

Deno.test("cutText() shows no more than it may, however little that is", () => {
  for (const chars of [0, 1, 2, 3]) {
    const cut = cutText("\n\n\n\n\n", chars);
    assert.equal(`${cut?.head}${cut?.tail}`.length, chars);
  }
});

Deno.test("cutText() takes no time that grows faster than its text", () => {
  const text = "\n".repeat(8 * 1024 * 1024);
  assert.equal(cutText(text, 30_000)?.leftOut, "8,358,608 lines (8.4 MB)");
});

for (
  const [bytes, text] of [[0, "0 bytes"], [999, "999 bytes"], [34_120, "34.1 kB"], [
    1_234_567,
    "1.2 MB",
  ]] as const
) {
  Deno.test(`formatBytes() writes ${bytes} as ${text}`, () => {
    assert.equal(formatBytes(bytes), text);
  });
}
