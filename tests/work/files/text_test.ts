import assert from "node:assert/strict";
import { decodeContent, describeBinary } from "../../../lib/work/files/text.ts";

const LATIN1: readonly (readonly [what: string, bytes: readonly number[], isText: boolean])[] = [
  ["a word of German", [...ascii("Die M"), 0xfc, ...ascii("hle\n")], true],
  ["two letters in a row", [...ascii("cr"), 0xe9, 0xe9, ...ascii("e et autres\n")], true],
  ["a copyright sign", [0xa9, ...ascii(" 2026 somebody\n")], true],
  ["three letters in a row", [...ascii("abcdefghijkl"), 0xe4, 0xf6, 0xfc, 0x0a], false],
  ["mostly such letters", [0xe4, 0x20, 0xe4, 0x20, 0xe4, 0x0a], false],
  ["a NUL", [...ascii("Die M"), 0xfc, ...ascii("hle"), 0], false],
  ["an escape of Windows-1252", [...ascii("it"), 0x92, ...ascii("s not Latin-1\n")], false],
  ["the start of a character of UTF-8 at the end", [...ascii("cut off"), 0xc3], false],
  [
    "UTF-8 beside a byte that is none",
    [...ascii("M"), 0xc3, 0xbc, ...ascii("hle "), 0xe4, 0x62],
    false,
  ],
];

function ascii(text: string): number[] {
  return [...new TextEncoder().encode(text)];
}

for (const [what, bytes, isText] of LATIN1) {
  Deno.test(`decodeContent() reads ${what} as ${isText ? "" : "no "}Latin-1`, () => {
    const decoded = decodeContent(new Uint8Array(bytes));
    assert.deepEqual(
      decoded,
      isText ? { text: String.fromCharCode(...bytes), encoding: "latin-1" } : null,
    );
  });
}

Deno.test("decodeContent() refuses UTF-16 that is none", () => {
  for (const bytes of [[0xff, 0xfe, 0x61], [0xff, 0xfe, 0, 0xd8], [0xff, 0xfe, 0x61, 0, 0, 0]]) {
    assert.equal(decodeContent(new Uint8Array(bytes)), null);
  }
});

Deno.test("decodeContent() keeps a byte order mark of UTF-8", () => {
  const bytes = new TextEncoder().encode("\ufeffa");
  assert.deepEqual(decodeContent(bytes), { text: "\ufeffa", encoding: "utf-8" });
});

Deno.test("describeBinary() says what it seems to be", () => {
  const whole = { size: 5, sha256: null };
  const png = new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0x0d]);
  assert.match(describeBinary(png, whole), /^it is not text but a PNG image \(5 bytes\);/);
  assert.match(describeBinary(new Uint8Array([0xff]), whole), /but binary data \(5 bytes\);/);
});
