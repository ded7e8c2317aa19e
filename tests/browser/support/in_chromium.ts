import { CHROMIUM, type RunningChromium, startChromium } from "./chromium.ts";

/** A test with a Chromium of its own; ignored where there is none. */
export function inChromium(
  name: string,
  run: (chromium: RunningChromium) => Promise<void>,
): void {
  Deno.test({
    name: CHROMIUM === null ? `${name} (ignored: chromium is not installed)` : name,
    ignore: CHROMIUM === null,
    fn: async () => {
      try {
        await using chromium = await startChromium();
        await run(chromium);
      } catch (error) {
        throw unwrap(error);
      }
    },
  });
}

/** What a test threw itself; what went wrong while it was cleaned up behind it is the cause. */
function unwrap(error: unknown): unknown {
  if (!(error instanceof SuppressedError)) return error;
  const own = unwrap(error.suppressed);
  if (own instanceof Error) own.cause ??= unwrap(error.error);
  return own;
}
