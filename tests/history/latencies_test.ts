import assert from "node:assert/strict";
import { Latencies, median } from "../../lib/history/latencies.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

Deno.test("median() is the lower of the two in the middle", () => {
  assert.deepEqual([[3], [9, 1, 5], [4, 1, 3, 2]].map(median), [3, 5, 2]);
  assert.equal(median([]), NaN);
});

Deno.test("Latencies are those of the last hour, in order", () => {
  const latencies = new Latencies();
  assert.deepEqual(latencies.read(HOUR), { at: [], ms: [] });
  latencies.record(1.5, 0);
  latencies.record(2.5, 30 * MINUTE);
  latencies.record(3.5, HOUR);
  assert.deepEqual(latencies.read(HOUR), { at: [0, 30 * MINUTE, HOUR], ms: [1.5, 2.5, 3.5] });
  assert.deepEqual(latencies.read(HOUR + 1_000), { at: [30 * MINUTE, HOUR], ms: [2.5, 3.5] });
});

Deno.test("Latencies let go of the oldest where there are too many", () => {
  const latencies = new Latencies();
  for (let second = 0; second < 1_000; second++) latencies.record(second, 1_000 * second);
  const { at, ms } = latencies.read(1_000_000);
  assert.deepEqual([ms.length, ms[0], ms.at(-1)], [240, 760, 999]);
  assert.deepEqual([at[0], at.at(-1)], [760_000, 999_000]);
});

Deno.test("Latencies have a median for each minute in which one was measured", () => {
  const latencies = new Latencies();
  assert.equal(latencies.medians(HOUR), null);
  for (const ms of [5, 1, 3]) latencies.record(ms, 10 * MINUTE + 1_000);
  latencies.record(7, 69 * MINUTE);
  const medians = latencies.medians(69 * MINUTE + 500);
  assert.equal(medians?.length, 60);
  assert.deepEqual(
    medians.map((value, index) => [index, value]).filter(([, value]) => value !== null),
    [
      [0, 3],
      [59, 7],
    ],
  );
  const later = latencies.medians(70 * MINUTE);
  assert.deepEqual([later?.[0], later?.[58], later?.[59]], [null, 7, null]);
  assert.equal(latencies.medians(500 * MINUTE), null);
});
