import assert from "node:assert/strict";
import { createRetries } from "../../../../../lib/http/pages/fleet/browser/retries.js";

Deno.test("a page that has lost its hub asks again after five seconds at most, and soon at first", () => {
  const slow = createRetries(() => 1);
  assert.deepEqual([1, 2, 3, 4, 5, 6].map(slow.next), [1000, 2000, 4000, 5000, 5000, 5000]);
  slow.reset();
  assert.equal(slow.next(), 1000);
  const quick = createRetries(() => 0);
  assert.deepEqual([1, 2, 3, 4].map(quick.next), [500, 1000, 2000, 2500]);
});
