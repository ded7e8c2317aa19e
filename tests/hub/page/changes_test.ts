import assert from "node:assert/strict";
import { createChanges } from "../../../lib/hub/page/watching/changes.ts";
import { createFakeClock } from "../../base/time/fake_clock.ts";

Deno.test("createChanges() reports what changes together once, and at most once each 250 ms", () => {
  const clock = createFakeClock();
  const changes = createChanges(clock);
  const reports: number[] = [];
  changes.watch(() => reports.push(clock.now()));
  clock.advance(1_000);
  assert.deepEqual(reports, []);
  for (let ms = 0; ms < 1_000; ms++) {
    changes.mark();
    clock.advance(1);
  }
  clock.advance(1_000);
  assert.deepEqual(reports, [1_025, 1_275, 1_525, 1_775, 2_025]);
  changes.mark();
  clock.advance(1_000);
  assert.deepEqual(reports.slice(5), [3_025]);
});

Deno.test("createChanges() has another version after each change, and no timer while nobody watches", () => {
  const clock = createFakeClock();
  const changes = createChanges(clock);
  const before = changes.version();
  changes.mark();
  assert.notEqual(changes.version(), before);
  assert.equal(clock.pending(), 0);
  const listener = () => {};
  const [first, second] = [changes.watch(listener), changes.watch(listener)];
  changes.mark();
  assert.equal(clock.pending(), 1);
  first();
  assert.equal(clock.pending(), 1);
  second();
  assert.equal(clock.pending(), 0);
  changes.mark();
  assert.equal(clock.pending(), 0);
});
