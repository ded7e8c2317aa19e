import assert from "node:assert/strict";
import { gatherChanges } from "../../../lib/hub/nats/gather.ts";
import { createFakeClock } from "../../base/time/fake_clock.ts";

/** Lets what was promised go on. */
const settle = () => new Promise<void>((resolve) => queueMicrotask(() => queueMicrotask(resolve)));

Deno.test("a change is acted upon soon, but a flood of them seldom, and the last one is not lost", async () => {
  const clock = createFakeClock();
  let count = 0;
  const changes = gatherChanges(() => {
    count++;
    return Promise.resolve();
  }, clock);
  changes.mark();
  clock.advance(700);
  await settle();
  assert.equal(count, 1);
  for (let at = 0; at < 1_000; at++) {
    changes.mark();
    clock.advance(100);
    await settle();
  }
  assert.ok(count > 10 && count < 20, String(count));
  clock.advance(10_000);
  await settle();
  const before = count;
  clock.advance(20_000);
  await settle();
  assert.equal(count, before);
  changes.mark();
  clock.advance(700);
  assert.equal(count, before + 1);
  await settle();
  changes.close();
});

Deno.test("changes that come while one is acted upon wait, however long that takes", async () => {
  const clock = createFakeClock();
  const acts: (() => void)[] = [];
  const changes = gatherChanges(() => new Promise((resolve) => acts.push(resolve)), clock);
  changes.mark();
  clock.advance(700);
  for (let at = 0; at < 100; at++) {
    changes.mark();
    clock.advance(1_000);
  }
  assert.deepEqual([acts.length, clock.pending()], [1, 0]);
  acts[0]?.();
  await settle();
  clock.advance(1_400);
  assert.equal(acts.length, 2);
  changes.mark();
  changes.close();
  acts[1]?.();
  await settle();
  assert.equal(clock.pending(), 0);
});
