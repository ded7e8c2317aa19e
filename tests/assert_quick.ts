import assert from "node:assert/strict";

/** How often something is tried before it counts as slow. */
const TRIES = 3;

/**
 * Asserts that something takes less than a time, in milliseconds. The quickest of three runs counts:
 * whatever else a machine does makes a run longer, and never shorter.
 */
export async function assertQuick(boundMs: number, run: () => unknown): Promise<void> {
  const runs: number[] = [];
  while (runs.length < TRIES) {
    const startedAt = performance.now();
    await run();
    const tookMs = performance.now() - startedAt;
    if (tookMs < boundMs) return;
    runs.push(Math.round(tookMs));
  }
  assert.fail(`it took ${runs.join(", ")} ms each time, not less than ${boundMs}`);
}
