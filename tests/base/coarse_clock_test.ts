import assert from "node:assert/strict";
import { createCoarseClock } from "../../lib/base/coarse_clock.ts";

Deno.test("a wait ends after its time, not before, and once", async () => {
  using clock = createCoarseClock(5);
  const startedAt = clock.now();
  const ends: number[] = [];
  await new Promise<void>((resolve) => {
    clock.after(20, () => ends.push(clock.now() - startedAt));
    clock.after(60, resolve);
  });
  assert.equal(ends.length, 1);
  assert.ok((ends[0] ?? 0) >= 20);
});

Deno.test("a wait that is cancelled does not end, not even by another that ends with it", async () => {
  using clock = createCoarseClock(5);
  const ended: string[] = [];
  const cancels = new Map<string, () => void>();
  for (const name of ["a", "b"]) {
    const other = name === "a" ? "b" : "a";
    cancels.set(
      name,
      clock.after(10, () => {
        ended.push(name);
        cancels.get(other)?.();
      }),
    );
  }
  const cancel = clock.after(10, () => ended.push("cancelled"));
  cancel();
  cancel();
  await new Promise<void>((resolve) => clock.after(40, resolve));
  assert.equal(ended.length, 1);
  assert.notEqual(ended[0], "cancelled");
});

Deno.test("a wait may begin when another ends", async () => {
  using clock = createCoarseClock(1);
  const startedAt = clock.now();
  await new Promise<void>((resolve) => clock.after(10, () => clock.after(10, resolve)));
  assert.ok(clock.now() - startedAt >= 20);
});

Deno.test("the timer stops when nothing waits any more, without disposal", async () => {
  // The test runner's sanitizers fail this test if the timer is still there.
  const clock = createCoarseClock(1);
  clock.after(60_000, () => {})();
  await new Promise((resolve) => setTimeout(resolve, 30));
});
