import type { Clock } from "./clock.ts";

/** Resolves after so many milliseconds, or as soon as `signal` is aborted. */
export async function rest(
  ms: number,
  { clock, signal }: { readonly clock: Pick<Clock, "after">; readonly signal: AbortSignal },
): Promise<void> {
  if (ms <= 0) return;
  const { promise: over, resolve } = Promise.withResolvers<void>();
  const end = () => resolve();
  const cancel = clock.after(ms, end);
  signal.addEventListener("abort", end);
  if (signal.aborted) end();
  await over;
  cancel();
  signal.removeEventListener("abort", end);
}
