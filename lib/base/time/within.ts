import { systemClock } from "./clock.ts";

/** Why `within()` stopped waiting. */
export type GaveUp = "timeout" | "cancelled";

/**
 * Waits for a promise, at most `ms` milliseconds and while `signal` is not aborted. Only the wait
 * ends: its owner ends the work itself. Leaves no timer and no listener behind.
 */
export async function within<T>(
  promise: Promise<T>,
  ms: number,
  signal?: AbortSignal,
): Promise<T | GaveUp> {
  const { promise: gaveUp, resolve } = Promise.withResolvers<GaveUp>();
  const onAbort = () => resolve("cancelled");
  const cancelTimeout = systemClock.after(ms, () => resolve("timeout"));
  signal?.addEventListener("abort", onAbort);
  if (signal?.aborted) onAbort();
  try {
    return await Promise.race([promise, gaveUp]);
  } finally {
    cancelTimeout();
    signal?.removeEventListener("abort", onAbort);
  }
}
