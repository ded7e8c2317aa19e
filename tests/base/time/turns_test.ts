import assert from "node:assert/strict";
import { createSharedTurns, createTurns } from "../../../lib/base/time/turns.ts";
import { createFakeClock } from "./fake_clock.ts";

const { signal } = new AbortController();

Deno.test("createTurns() lets computations run in turn, and other work in between", async () => {
  const turns = createTurns(5);
  const order: string[] = [];
  async function compute(name: string) {
    for (let step = 1; step <= 3; step++) {
      await turns.next(signal);
      order.push(`${name}${step}`);
    }
  }
  const computing = Promise.all(["a", "b"].map(compute));
  await new Promise((resolve) => setTimeout(resolve, 1));
  order.push("other");
  await computing;
  assert.deepEqual(order.filter((name) => name !== "other"), ["a1", "b1", "a2", "b2", "a3", "b3"]);
  assert.ok(order.indexOf("other") < 5, order.join());
});

Deno.test("createSharedTurns() gives turns to each who waits, however many computations another has", async () => {
  const turnsOf = createSharedTurns(1);
  const order: string[] = [];
  const run = (name: string) => turnsOf(name).next(signal).then(() => order.push(name));
  await Promise.all(["a", "a", "a", "b", "a", "c", "b"].map(run));
  assert.deepEqual(order, ["a", "b", "c", "a", "b", "a", "a"]);
});

Deno.test("Turns.isOver() after a turn has lasted long enough", async () => {
  const clock = createFakeClock();
  const turns = createTurns(5, clock);
  await turns.next(signal);
  clock.advance(4);
  assert.equal(turns.isOver(), false);
  clock.advance(1);
  assert.equal(turns.isOver(), true);
  await turns.next(signal);
  assert.equal(turns.isOver(), false);
});

Deno.test("Turns.next() rejects when nobody waits any more, and others have their turn", async () => {
  const turns = createTurns(5);
  const aborting = new AbortController();
  const left = assert.rejects(turns.next(aborting.signal), /left/);
  const other = turns.next(signal);
  aborting.abort(new Error("left"));
  await Promise.all([left, other]);
});
