import assert from "node:assert/strict";
import {
  createRedact,
  redactEnd,
  redactInSteps,
  redactStart,
} from "../../../lib/base/text/redact.ts";
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

Deno.test("redactStart() returns a short text whole", () => {
  assert.equal(redactStart("12345", 5, redactOf()), "12345");
});

Deno.test("redactStart() marks where it cuts", () => {
  assert.equal(redactStart("123456", 5, redactOf()), "12345…");
  assert.equal(redactStart("1".repeat(10_000), 5, redactOf()), "11111…");
});

Deno.test("redactStart() shows no part of a secret that stands at the cut", () => {
  assert.equal(redactStart("12-canary-34", 6, redactOf("canary")), "12-[se…");
});

Deno.test("redactEnd() returns a short text whole, and marks where it cuts a longer one", () => {
  assert.equal(redactEnd("12345", 5, redactOf()), "12345");
  assert.equal(redactEnd("123456", 5, redactOf()), "…23456");
  assert.equal(redactEnd(`${"1".repeat(10_000)}2`, 5, redactOf()), "…11112");
});

Deno.test("redactEnd() shows no part of a secret that stands at the cut", () => {
  assert.equal(redactEnd("12-canary-34", 6, redactOf("canary")), "…et]-34");
});

const never = () => Promise.resolve();

Deno.test("redactInSteps() finds a secret wherever it is in a long text", async () => {
  const redact = redactOf("canary", "c".repeat(4_000));
  for (const at of [0, 65_530, 65_535, 65_536, 69_630, 69_632, 131_066, 199_994]) {
    const text = `${"x".repeat(at)}canary${"y".repeat(199_994 - at)}`;
    assert.ok(await redactInSteps(text, redact, never) === redact(text));
    assert.equal(redact(text).length, 200_000 - "canary".length + "[secret]".length);
  }
  const long = `${"x".repeat(65_536)}${"c".repeat(4_000)}`;
  assert.equal((await redactInSteps(long, redact, never)).length, 65_544);
});

Deno.test("redactInSteps() returns a text without secrets as it is, and pauses", async () => {
  let pauses = 0;
  const pause = () => {
    pauses++;
    return Promise.resolve();
  };
  const text = "x".repeat(1_000_000);
  assert.equal(await redactInSteps(text, redactOf("canary"), pause), text);
  assert.ok(pauses > 10);
});

Deno.test("createRedact() hides what a secret begins with in front of a cut", () => {
  const redact = createRedact([new Secret("token-0123456789"), new Secret("tokens-abc")]);
  const cases: readonly (readonly [text: string, shown: string])[] = [
    ["a toke[…]\n", "a [secret][…]\n"],
    ["a tok[…]", "a tok[…]"],
    ["a token-0123[…] b tokens-[…]", "a [secret][…] b [secret][…]"],
    ["a token-x[…]", "a token-x[…]"],
    ["token-0123456789[…]", "[secret][…]"],
    ["a token-0123", "a token-0123"],
    ["[…]token[…]", "[…][secret][…]"],
  ];
  for (const [text, shown] of cases) assert.equal(redact(text), shown, text);
});
