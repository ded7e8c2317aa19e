import assert from "node:assert/strict";
import { createRedact, redactEnd, redactStart } from "../../../lib/base/text/redact.ts";
import { Secret } from "../../../lib/base/secret.ts";

function redactOf(...texts: readonly string[]) {
  return createRedact(texts.map((text) => new Secret(text)));
}

Deno.test("createRedact() replaces every known secret, everywhere", () => {
  assert.equal(redactOf("one", "two")("a one, a two, a one"), "a [secret], a [secret], a [secret]");
});

Deno.test("createRedact() without secrets changes nothing", () => {
  assert.equal(redactOf()("a text"), "a text");
});

Deno.test("createRedact() leaves no rest of a secret that starts like another", () => {
  for (const secrets of [["abc", "abcdef"], ["abcdef", "abc"]]) {
    assert.equal(redactOf(...secrets)("<abcdef>"), "<[secret]>");
  }
});

Deno.test("createRedact() takes a secret as text, not as a pattern", () => {
  assert.equal(redactOf(".*+?^${}()|[]\\/-")("x .*+?^${}()|[]\\/- y"), "x [secret] y");
});

Deno.test("redactStart() gives a short text whole", () => {
  assert.equal(redactStart("12345", 5, redactOf()), "12345");
});

Deno.test("redactStart() marks where it cuts", () => {
  assert.equal(redactStart("123456", 5, redactOf()), "12345…");
  assert.equal(redactStart("1".repeat(10_000), 5, redactOf()), "11111…");
});

Deno.test("redactStart() shows no part of a secret that stands at the cut", () => {
  assert.equal(redactStart("12-canary-34", 6, redactOf("canary")), "12-[se…");
});

Deno.test("redactEnd() gives a short text whole, and marks where it cuts a longer one", () => {
  assert.equal(redactEnd("12345", 5, redactOf()), "12345");
  assert.equal(redactEnd("123456", 5, redactOf()), "…23456");
  assert.equal(redactEnd(`${"1".repeat(10_000)}2`, 5, redactOf()), "…11112");
});

Deno.test("redactEnd() shows no part of a secret that stands at the cut", () => {
  assert.equal(redactEnd("12-canary-34", 6, redactOf("canary")), "…et]-34");
});
