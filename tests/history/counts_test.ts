import assert from "node:assert/strict";
import { CallCounts } from "../../lib/history/counts.ts";

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

function count(counts: CallCounts, client: string | null, now: number) {
  const { all, unknown, byMinute } = counts.read(client, now);
  return [
    all,
    unknown,
    Object.fromEntries([...byMinute.entries()].filter(([, calls]) => calls > 0)),
  ];
}

Deno.test("CallCounts count all calls and unknown ones, for all and by client", () => {
  const counts = new CallCounts();
  counts.add(null, false, DAY);
  counts.add("ann", true, DAY);
  counts.add("ann", false, DAY + MINUTE);
  counts.add("bob", false, DAY + MINUTE);
  const now = DAY + MINUTE + 59_999;
  assert.deepEqual(count(counts, null, now), [4, 1, { 58: 2, 59: 2 }]);
  assert.deepEqual(count(counts, "ann", now), [2, 1, { 58: 1, 59: 1 }]);
  assert.deepEqual(count(counts, "cid", now), [0, 0, {}]);
});

Deno.test("CallCounts show an hour by minute, and forget calls after a day", () => {
  const counts = new CallCounts();
  counts.add(null, true, 5 * MINUTE);
  counts.add(null, false, 64 * MINUTE);
  assert.deepEqual(count(counts, null, 64 * MINUTE), [2, 1, { 0: 1, 59: 1 }]);
  assert.deepEqual(count(counts, null, 65 * MINUTE), [2, 1, { 58: 1 }]);
  assert.deepEqual(count(counts, null, 4 * MINUTE + DAY), [2, 1, {}]);
  assert.deepEqual(count(counts, null, 5 * MINUTE + DAY), [1, 0, {}]);
  assert.deepEqual(count(counts, null, 10 * DAY), [0, 0, {}]);
});

Deno.test("CallCounts count on in the newest minute while the clock is set back", () => {
  const counts = new CallCounts();
  counts.add(null, false, 100 * MINUTE);
  counts.add(null, false, 50 * MINUTE);
  assert.deepEqual(count(counts, null, 50 * MINUTE), [2, 0, { 59: 2 }]);
});

Deno.test("CallCounts are bounded: of too many clients the longest idle one is forgotten", () => {
  const counts = new CallCounts();
  for (let client = 0; client < 32; client++) counts.add(`c${client}`, false, DAY);
  counts.add("c0", false, DAY);
  counts.add("new", false, DAY);
  assert.deepEqual(["c0", "c1", "c2", "new"].map((name) => counts.read(name, DAY).all), [
    2,
    0,
    1,
    1,
  ]);
  assert.equal(counts.read(null, DAY).all, 34);
});

Deno.test("CallCounts forget a client, even the one that called last", () => {
  const counts = new CallCounts();
  counts.add("ann", false, DAY);
  counts.forget("ann");
  assert.equal(counts.read("ann", DAY).all, 0);
  counts.add("ann", false, DAY);
  assert.equal(counts.read("ann", DAY).all, 1);
});
