import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { createFinder } from "../../lib/shell/find_bytes.ts";

const WORDS = ["a", "ab", "aab", "abab", "aaaa", "abcab", "\xff", "b\xffa"];

/** All texts of up to seven characters out of three. */
function texts(length = 7): string[] {
  if (length === 0) return [""];
  const shorter = texts(length - 1);
  const longest = shorter.filter((text) => text.length === length - 1);
  return [...shorter, ...longest.flatMap((text) => ["a", "b", "\xff"].map((char) => text + char))];
}

for (const word of WORDS) {
  Deno.test(`createFinder() finds ${JSON.stringify(word)} where it comes first`, () => {
    const find = createFinder(Buffer.from(word, "latin1"));
    for (const text of texts()) {
      assert.equal(find(Buffer.from(text, "latin1")), text.indexOf(word), JSON.stringify(text));
    }
  });
}

Deno.test("createFinder() finds a word in a view of a larger buffer, and nothing outside it", () => {
  const find = createFinder(Buffer.from("word"));
  const bytes = Buffer.from("word a word word");
  assert.equal(find(bytes.subarray(1)), 6);
  assert.equal(find(bytes.subarray(1, 10)), -1);
});
