import assert from "node:assert/strict";
import { escapeControls } from "../../../lib/base/text/controls.ts";

const escapes: readonly (readonly [string, string])[] = [
  ["a\nb\r\t\u0000\u001b", "a\\u000ab\\u000d\\u0009\\u0000\\u001b"],
  ["\u007f\u0080\u009b\u009f", "\\u007f\\u0080\\u009b\\u009f"],
  ["\u2028\u2029", "\\u2028\\u2029"],
  [
    "\u202a\u202e\u2066\u2069\u200e\u200f\u061c",
    "\\u202a\\u202e\\u2066\\u2069\\u200e\\u200f\\u061c",
  ],
  ["a\u200bb\u200d\u00ad\ufeff\u2060\u3164", "a\\u200bb\\u200d\\u00ad\\ufeff\\u2060\\u3164"],
  ["\u{e0041}\u{e0001}", "\\udb40\\udc41\\udb40\\udc01"],
];

for (const [text, escaped] of escapes) {
  Deno.test(`escapeControls() makes of ${JSON.stringify(escaped)} what JSON reads as the same`, () => {
    assert.equal(escapeControls(text), escaped);
    assert.equal(JSON.parse(`"${escaped}"`), text);
  });
}

Deno.test("escapeControls() keeps what can be seen", () => {
  const text = 'grüße "x" \\ \u00a0 日本 😀 עברית العربية';
  assert.equal(escapeControls(text), text);
});
