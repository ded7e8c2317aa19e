import assert from "node:assert/strict";
import { createOutputs, type OutputsOptions } from "../../lib/outputs/store.ts";
import { textOfKept } from "./kept_text.ts";
import { assertCheap } from "../assert_cheap.ts";

const MIB = 1024 * 1024;
const OK = { isError: false };

function setUp(options: Partial<OutputsOptions> = {}) {
  let now = 0;
  const outputs = createOutputs({
    claimantOf: (name) => ({ name, isOperator: name === "operator" }),
    now: () => now,
    ...options,
  });
  const stateOf = (principal: string, id: string | null) =>
    id === null ? "not kept" : outputs.find(principal, id)?.kind ?? null;
  const textOf = (principal: string, id: string) => {
    const output = outputs.find(principal, id);
    return output?.kind === "ended" ? textOfKept(output) : null;
  };
  return {
    outputs,
    stateOf,
    textOf,
    wait: (ms: number) => {
      now += ms;
    },
  };
}

Deno.test("createOutputs() keeps an answer for the one who got it alone", () => {
  const { outputs, textOf, stateOf } = setUp();
  const id = outputs.keep("ann", "größer", OK) ?? "";
  assert.match(id, /^o-[a-z0-9]{6}$/);
  assert.equal(textOf("ann", id), "größer");
  assert.deepEqual([stateOf("ben", id), stateOf("operator", id), stateOf("ann", "o-x")], [
    null,
    null,
    null,
  ]);
});

Deno.test("createOutputs() keeps answers for a day, and then knows that they are gone", () => {
  const { outputs, stateOf, wait } = setUp();
  const id = outputs.keep("ann", "x", OK);
  wait(24 * 60 * 60 * 1000 - 1);
  assert.equal(stateOf("ann", id), "ended");
  wait(1);
  assert.equal(stateOf("ann", id), "gone");
});

Deno.test("one hundred answers of 1 MiB take no more than 64 MiB, and the oldest are gone", () => {
  const { outputs, stateOf } = setUp();
  const ids = Array.from({ length: 100 }, () => outputs.keep("operator", "x".repeat(MIB), OK));
  const states = ids.map((id) => stateOf("operator", id));
  assert.deepEqual(states, [...Array(36).fill("gone"), ...Array(64).fill("ended")]);
});

Deno.test("a client has half of the room, and takes none of it from others", () => {
  const { outputs, stateOf } = setUp({ maxBytes: 10 });
  const ben = outputs.keep("ben", "ben", OK);
  const first = outputs.keep("ann", "12345", OK);
  const second = outputs.keep("ann", "6", OK);
  assert.deepEqual([stateOf("ben", ben), stateOf("ann", first), stateOf("ann", second)], [
    "ended",
    "gone",
    "ended",
  ]);
  assert.equal(outputs.keep("ann", "123456", OK), null);
  assert.equal(stateOf("operator", outputs.keep("operator", "123456", OK)), "ended");
});

Deno.test("a call that goes on is kept until it ends, and then its answer is", async () => {
  const { outputs, stateOf, textOf } = setUp({ maxBytes: 10 });
  let isEnded = false;
  const pending = outputs.begin("ann", { startedAt: 0, end: () => isEnded = true });
  assert.equal(stateOf("ben", pending.id), null);
  for (let count = 0; count < 5; count++) outputs.keep("ann", "12345", OK);
  const running = outputs.find("ann", pending.id);
  assert.ok(running?.kind === "running");
  running.end();
  assert.equal(isEnded, true);
  pending.finish("done", { isError: true });
  assert.equal(await running.waitForEnd(1_000, new AbortController().signal), true);
  assert.equal(textOf("ann", pending.id), "done");
  const ended = outputs.find("ann", pending.id);
  assert.ok(ended?.kind === "ended" && ended.isError);
});

Deno.test("the answer of a call that goes on is gone where it has no room", () => {
  const { outputs, stateOf } = setUp({ maxBytes: 10 });
  const pending = outputs.begin("ann", { startedAt: 0, end() {} });
  pending.finish("123456", OK);
  assert.equal(stateOf("ann", pending.id), "gone");
});

Deno.test("ids are bounded, and those of calls that go on stay", () => {
  const { outputs, stateOf } = setUp({ maxIds: 3 });
  const pending = outputs.begin("operator", { startedAt: 0, end() {} });
  const ids = Array.from({ length: 4 }, () => outputs.keep("operator", "", OK));
  assert.deepEqual(ids.map((id) => stateOf("operator", id)), [null, null, "ended", "ended"]);
  assert.equal(stateOf("operator", pending.id), "running");
});

Deno.test("a client that keeps many answers has half of the ids, and takes none of others", () => {
  const { outputs, stateOf } = setUp({ maxIds: 8 });
  const mine = outputs.keep("operator", "", OK);
  const ids = Array.from({ length: 10 }, () => outputs.keep("ann", "", OK));
  assert.deepEqual(
    ids.map((id) => stateOf("ann", id)),
    [...Array(6).fill(null), ...Array(4).fill("ended")],
  );
  assert.equal(stateOf("operator", mine), "ended");
});

Deno.test("whoever has most makes room when all is full", () => {
  const { outputs, stateOf } = setUp({ maxBytes: 10, maxIds: 100 });
  const mine = outputs.keep("operator", "1", OK);
  const ann = outputs.keep("ann", "12345", OK);
  const ben = outputs.keep("ben", "12345", OK);
  assert.deepEqual([stateOf("operator", mine), stateOf("ann", ann), stateOf("ben", ben)], [
    "ended",
    "gone",
    "ended",
  ]);
});

Deno.test("what was just kept is there, however large it is", () => {
  const { outputs, stateOf } = setUp({ maxBytes: 10 });
  const ann = outputs.keep("ann", "12345", OK);
  const ben = outputs.keep("ben", "1", OK);
  const mine = outputs.keep("operator", "1234567", OK);
  assert.deepEqual([stateOf("operator", mine), stateOf("ann", ann), stateOf("ben", ben)], [
    "ended",
    "gone",
    "ended",
  ]);
});

Deno.test("a long answer takes the room of ten thousand short ones without a stall", async () => {
  const { outputs, stateOf } = setUp({ maxIds: 30_000 });
  for (let count = 0; count < 10_000; count++) outputs.keep("ann", "x".repeat(3_200), OK);
  const text = "x".repeat(32 * MIB);
  // It took ten times as long when each of them was looked for.
  await assertCheap(1_000, () => {
    assert.equal(stateOf("ann", outputs.keep("ann", text, OK)), "ended");
  });
});

Deno.test("what was kept for somebody who is not known any more is forgotten", () => {
  const { outputs, stateOf } = setUp();
  const [ann, ben] = [outputs.keep("ann", "x", OK), outputs.keep("ben", "x", OK)];
  const pending = outputs.begin("ann", { startedAt: 0, end() {} });
  outputs.forget(["ann"]);
  pending.finish("late", OK);
  assert.deepEqual([stateOf("ann", ann), stateOf("ann", pending.id), stateOf("ben", ben)], [
    null,
    null,
    "ended",
  ]);
});
