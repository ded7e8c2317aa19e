import assert from "node:assert/strict";
import process from "node:process";

/**
 * Asserts that a computation takes less than so much processor time of this thread, in
 * milliseconds. What else the machine does makes that hardly longer.
 */
export async function assertCheap(boundMs: number, compute: () => unknown): Promise<void> {
  const before = process.threadCpuUsage();
  await compute();
  const { user, system } = process.threadCpuUsage(before);
  const tookMs = Math.round((user + system) / 1000);
  assert.ok(tookMs < boundMs, `it took ${tookMs} ms of processor time, not less than ${boundMs}`);
}
