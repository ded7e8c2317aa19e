import assert from "node:assert/strict";
import { KeptAnswer } from "../../lib/outputs/kept.ts";
import { createOutputs } from "../../lib/outputs/store.ts";
import { textOfKept } from "./kept_text.ts";

const LONG = "\u{1f600}a\u20ac".repeat(50_000);

for (
  const [what, text] of [["a short", "\ufeffa\u00fc"], ["a long", LONG], ["an empty", ""]] as const
) {
  Deno.test(`KeptAnswer keeps ${what} text exactly`, () => {
    const answer = new KeptAnswer(text, { isError: true });
    assert.ok(textOfKept(answer) === text);
    assert.equal(answer.length, new TextEncoder().encode(text).length);
    assert.equal(answer.isError, true);
    answer.drop();
  });
}

Deno.test("KeptAnswer frees a long text when it is dropped, but not while it is read", () => {
  const answer = new KeptAnswer(LONG, { isError: false });
  const [first, second] = [answer.read(), answer.read()];
  answer.drop();
  first[Symbol.dispose]();
  assert.equal(second.bytes.length, new TextEncoder().encode(LONG).length);
  second[Symbol.dispose]();
  assert.equal(second.bytes.length, 0);
});

Deno.test("createOutputs() frees long answers that make room, and those of who is forgotten", () => {
  const claimantOf = (name: string) => ({ name, isOperator: true });
  const outputs = createOutputs({ claimantOf, now: () => 0, maxBytes: 2 * 400_000 });
  const keep = () => {
    const answer = outputs.find("ann", outputs.keep("ann", LONG, { isError: false }) ?? "");
    assert.ok(answer?.kind === "ended");
    return answer;
  };
  const [first, second, third] = [keep(), keep(), keep()];
  const lengths = () => [first, second, third].map((answer) => answer.length > 0);
  assert.deepEqual(lengths(), [false, true, true]);
  outputs.forget(["ann"]);
  assert.deepEqual(lengths(), [false, false, false]);
});
