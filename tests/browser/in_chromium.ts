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
      await using chromium = await startChromium();
      await run(chromium);
    },
  });
}
