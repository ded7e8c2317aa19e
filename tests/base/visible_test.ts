import assert from "node:assert/strict";
import { visibleJson, visibleLine } from "../../lib/base/visible.ts";

const LINES: readonly (readonly [what: string, text: string, line: string])[] = [
  ["a plain text", "Shows CPU and memory.", "Shows CPU and memory."],
  ["nothing", "", ""],
  ["white space", " \t a\r\n\n b\u00a0c\u2028d\v ", "a b c d"],
  ["colours of a terminal", "\x1b[31mred\x1b[0m", "[31mred [0m"],
  ["NUL, DEL and C1", "a\0b\x7fc\x9bd", "a b c d"],
  ["bidirectional marks", "a\u202eb\u2066c\u200fd\u061ce", "abcde"],
  ["what is invisible", "a\u200bb\u2060c\u00add\u3164e", "abcde"],
  ["letters made of tags", "a\u{e0041}\u{e0042}b", "ab"],
  ["variation selectors", "a\ufe0fb\u{e0100}c", "abc"],
  ["private and unassigned characters", "a\ue000b\u{10ffff}c\u0378d", "abcd"],
  ["half a surrogate pair", "a\ud83db\ude00c", "abc"],
  ["other scripts", "Größe, размер, サイズ, 😀", "Größe, размер, サイズ, 😀"],
];

for (const [what, text, line] of LINES) {
  Deno.test(`visibleLine() of ${what}`, () => {
    assert.equal(visibleLine(text, 100), line);
  });
}

Deno.test("visibleLine() is cut between characters, and says so", () => {
  assert.equal(visibleLine("😀😀😀", 3), "😀😀😀");
  assert.equal(visibleLine("😀😀😀😀", 3), "😀😀…");
  assert.equal(visibleLine("ab cdef", 4), "ab…");
  assert.equal(visibleLine("\u202e".repeat(10_000) + "ab", 2), "ab");
});

Deno.test("visibleJson() escapes what cannot be seen, and loses nothing", () => {
  const value = { "a\u202e": ["\x1b\x7f\x9b", "\u2028\u2029", "\u{e0041}", "\ud83d", "é 😀\n"] };
  const text = visibleJson(value);
  assert.equal(
    text,
    '{"a\\u202e":["\\u001b\\u007f\\u009b","\\u2028\\u2029","\\udb40\\udc41","\\ud83d","é 😀\\n"]}',
  );
  assert.deepEqual(JSON.parse(text), value);
});
