import assert from "node:assert/strict";
import { createRate } from "../../../lib/base/time/rate.ts";
import { createFakeClock } from "./fake_clock.ts";

/** A rate of three at once and one a second, and what it reports. */
function setUp() {
  const clock = createFakeClock();
  const reports: string[] = [];
  const rate = createRate({
    burst: 3,
    refillMs: 1_000,
    clock,
    onLeftOut: (key, count) => reports.push(`${key}: ${count}`),
  });
  const admitted = (key: string, times: number) =>
    Array.from({ length: times }, () => rate.admits(key)).filter(Boolean).length;
  return { clock, reports, rate, admitted };
}

Deno.test("Rate.admits() admits a burst, then one at a time, for each key by itself", () => {
  const { clock, admitted, rate } = setUp();
  assert.deepEqual([admitted("a", 5), admitted("b", 5)], [3, 3]);
  clock.advance(999);
  assert.equal(admitted("a", 5), 0);
  clock.advance(1);
  assert.equal(admitted("a", 5), 1);
  clock.advance(3_600_000);
  assert.equal(admitted("a", 5), 3);
  rate[Symbol.dispose]();
});

Deno.test("Rate reports what was left out a minute after it began, and again later", () => {
  const { clock, reports, admitted } = setUp();
  admitted("a", 5);
  clock.advance(59_000);
  admitted("a", 3);
  assert.deepEqual(reports, []);
  clock.advance(1_000);
  assert.deepEqual(reports, ["a: 2"]);
  admitted("a", 10);
  clock.advance(60_000);
  assert.deepEqual(reports, ["a: 2", "a: 9"]);
  clock.advance(600_000);
  assert.deepEqual([reports.length, clock.pending()], [2, 0]);
});

Deno.test("Rate reports what was left out when it is disposed of", () => {
  const { clock, reports, rate, admitted } = setUp();
  admitted("a", 4);
  admitted("b", 3);
  rate[Symbol.dispose]();
  assert.deepEqual([reports, clock.pending()], [["a: 1"], 0]);
});
