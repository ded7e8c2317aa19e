import assert from "node:assert/strict";
import { Lazy } from "../../../lib/base/time/lazy.ts";

/** Opens a number that says how often it was tried; the first `failures` times it cannot. */
function openAfter(failures: number) {
  let attempts = 0;
  return new Lazy(() => {
    attempts++;
    return attempts <= failures
      ? Promise.reject(new Error(`attempt ${attempts}`))
      : Promise.resolve(attempts);
  });
}

Deno.test("Lazy opens once for all who need it, and nothing before", async () => {
  const lazy = openAfter(0);
  assert.equal(await lazy.opened(), null);
  assert.deepEqual(await Promise.all([lazy.get(), lazy.get(), lazy.opened()]), [1, 1, 1]);
  assert.equal(await lazy.get(), 1);
});

Deno.test("Lazy tries again after a failure, which all who waited for it see", async () => {
  const lazy = openAfter(1);
  const [first, second] = await Promise.allSettled([lazy.get(), lazy.get()]);
  assert.deepEqual([first?.status, second?.status], ["rejected", "rejected"]);
  assert.equal(await lazy.opened(), null);
  assert.equal(await lazy.get(), 2);
  assert.equal(await lazy.opened(), 2);
});
