import assert from "node:assert/strict";
import { createCoarseClock } from "../../../lib/base/time/coarse_clock.ts";
import { createFakeClock } from "./fake_clock.ts";

const TICK_MS = 5;

/** A coarse clock over one that stands still, and the names of the waits that ended, in order. */
function setUp() {
  const fake = createFakeClock();
  const clock = createCoarseClock(TICK_MS, fake);
  const ended: string[] = [];
  const wait = (name: string, ms: number) => clock.after(ms, () => void ended.push(name));
  return { fake, clock, ended, wait };
}

Deno.test("a wait ends after its time, at most a tick late, and once", () => {
  const { fake, ended, wait } = setUp();
  fake.advance(1);
  wait("a", 22);
  fake.advance(21);
  assert.deepEqual(ended, []);
  fake.advance(1 + TICK_MS);
  assert.deepEqual(ended, ["a"]);
  fake.advance(1_000);
  assert.deepEqual(ended, ["a"]);
});

Deno.test("a wait that is cancelled does not end, nor takes another with it", () => {
  const { fake, ended, wait } = setUp();
  wait("a", 10);
  const cancel = wait("cancelled", 10);
  wait("b", 10);
  cancel();
  cancel();
  fake.advance(10);
  assert.deepEqual(ended.toSorted(), ["a", "b"]);
});

Deno.test("a wait may be cancelled by another that ends with it", () => {
  const { fake, clock, ended } = setUp();
  const cancels = new Map<string, () => void>();
  for (const [name, other] of [["a", "b"], ["b", "a"]] as const) {
    const end = () => {
      ended.push(name);
      cancels.get(other)?.();
    };
    cancels.set(name, clock.after(10, end));
  }
  fake.advance(20);
  assert.equal(ended.length, 1);
});

Deno.test("a wait may begin when another ends", () => {
  const { fake, clock, ended, wait } = setUp();
  clock.after(10, () => wait("second", 10));
  fake.advance(15);
  assert.deepEqual(ended, []);
  fake.advance(5);
  assert.deepEqual(ended, ["second"]);
});

Deno.test("of many waits each ends once, but for those that are cancelled", () => {
  const { fake, ended, wait } = setUp();
  const names = Array.from({ length: 500 }, (_, index) => String(index));
  const cancels = names.map((name, index) => wait(name, index * 37 % 100));
  const isCancelled = (index: number) => index % 3 === 0;
  for (const [index, cancel] of cancels.entries()) if (isCancelled(index)) cancel();
  fake.advance(200);
  const expected = names.filter((_, index) => !isCancelled(index));
  assert.deepEqual(ended.toSorted(), expected.toSorted());
  assert.equal(fake.pending(), 0);
});

Deno.test("the timer stops when nothing waits any more, and at disposal", () => {
  const { fake, clock, wait } = setUp();
  assert.equal(fake.pending(), 0);
  wait("a", 60_000)();
  assert.equal(fake.pending(), 1);
  fake.advance(TICK_MS);
  assert.equal(fake.pending(), 0);
  wait("b", 60_000);
  assert.equal(fake.pending(), 1);
  clock[Symbol.dispose]();
  assert.equal(fake.pending(), 0);
});

Deno.test("waits that are over in a stall end a turn later, unless what has arrived cancels them", () => {
  const fake = createFakeClock();
  let stalledMs = 0;
  const clock = createCoarseClock(TICK_MS, { ...fake, now: () => fake.now() + stalledMs });
  const ended: string[] = [];
  clock.after(100, () => void ended.push("silent host"));
  const cancel = clock.after(100, () => void ended.push("host that has answered"));
  clock.after(5_000, () => void ended.push("later"));
  fake.advance(10);
  stalledMs = 1_000;
  // Comes behind the late tick, as the network does in its turn.
  fake.after(TICK_MS, cancel);
  fake.advance(TICK_MS);
  assert.deepEqual(ended, ["silent host"]);
  fake.advance(4_000);
  assert.deepEqual(ended, ["silent host", "later"]);
  assert.equal(fake.pending(), 0);
});

Deno.test("no wait ends in the turn after a late tick once the clock is disposed of", () => {
  const fake = createFakeClock();
  let stalledMs = 0;
  const clock = createCoarseClock(TICK_MS, { ...fake, now: () => fake.now() + stalledMs });
  clock.after(100, () => assert.fail("it ended"));
  stalledMs = 1_000;
  fake.after(TICK_MS, () => clock[Symbol.dispose]());
  fake.advance(TICK_MS);
  assert.equal(fake.pending(), 0);
});

Deno.test("createCoarseClock() keeps the time of the machine, unless it is given another", async () => {
  using clock = createCoarseClock(1);
  const startedAt = performance.now();
  await new Promise<void>((resolve) => clock.after(5, resolve));
  assert.ok(performance.now() - startedAt >= 5);
});
