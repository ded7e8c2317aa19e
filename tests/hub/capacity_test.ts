import assert from "node:assert/strict";
import { createCapacity } from "../../lib/hub/capacity.ts";
import { createFakeClock } from "../base/time/fake_clock.ts";

function setUp(free: number) {
  const clock = createFakeClock();
  const warnings: unknown[] = [];
  const counted: number[] = [];
  const capacity = createCapacity({
    clock,
    log: { warn: (message, fields) => warnings.push([message, fields]) },
    countFree: (most) => {
      counted.push(most);
      return Math.min(most, free);
    },
  });
  return { clock, warnings, counted, capacity };
}

Deno.test("createCapacity() allows 1,024 calls where descriptors are enough", () => {
  const { clock, warnings, counted, capacity } = setUp(4_096);
  assert.equal(capacity.maxCalls(), 1_024);
  clock.advance(2_000);
  assert.deepEqual([capacity.maxCalls(), capacity.isShort()], [1_024, false]);
  assert.deepEqual(warnings, []);
  assert.deepEqual(counted, [256, 512, 1_024, 2_048, 4_096]);
  assert.equal(clock.pending(), 0);
});

for (const [free, maxCalls] of [[4_000, 984], [1_000, 234], [230, 41], [3, 1]] as const) {
  Deno.test(`createCapacity() allows ${maxCalls} calls with ${free} descriptors, and warns`, () => {
    const { clock, warnings, capacity } = setUp(free);
    clock.advance(2_000);
    assert.deepEqual([capacity.maxCalls(), capacity.isShort()], [maxCalls, true]);
    assert.deepEqual(warnings, [[
      "few files and connections can be open at once: raise the limit of open files to 8192 " +
      "(ulimit -n, or LimitNOFILE in a unit)",
      { free, maxCalls },
    ]]);
  });
}

Deno.test("createCapacity() counts nothing once it is disposed of", () => {
  const { clock, counted, capacity } = setUp(100);
  capacity[Symbol.dispose]();
  clock.advance(2_000);
  assert.deepEqual(counted, []);
});
