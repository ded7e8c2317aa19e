import assert from "node:assert/strict";
import { foreignText } from "../../../lib/base/text/foreign_text.ts";
import { assertCheap } from "../../assert_cheap.ts";

const texts: readonly (readonly [string, string])[] = [
  ["connection refused", "connection refused"],
  ["two  blanks, grüße, 日本 😀", "two  blanks, grüße, 日本 😀"],
  ["a\r\nb\n\nc", "a b c"],
  ["\n\na\n", "a"],
  ["\u001b[2J\u009b31mred\u0007", "[2J 31mred"],
  ["a\u2028b\u2029c\u0085d", "a b c d"],
  ["\u202eevil\u202c \u2066x\u2069\u200b\ufeff", "evil x"],
  ["a\ud800b", "a\ufffdb"],
  ["", ""],
];

for (const [text, shown] of texts) {
  Deno.test(`foreignText() shows ${JSON.stringify(text)} as ${JSON.stringify(shown)}`, () => {
    assert.equal(foreignText(text), shown);
  });
}

Deno.test("foreignText() shows at most 200 characters, and says that there is more", () => {
  assert.equal(foreignText("x".repeat(200)), "x".repeat(200));
  assert.equal(foreignText("x".repeat(201)), `${"x".repeat(199)}…`);
  assert.equal(foreignText("😀".repeat(201)), `${"😀".repeat(199)}…`);
  assert.equal(foreignText("x".repeat(201), 100), `${"x".repeat(99)}…`);
});

Deno.test("foreignText() looks at the start of a long text alone", async () => {
  const long = "\n".repeat(50_000_000);
  await assertCheap(2_000, () => assert.equal(foreignText(long), "…"));
});
