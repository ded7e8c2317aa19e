import assert from "node:assert/strict";
import type { CDPSession } from "playwright-core";
import { OPERATOR, startFleet } from "./support/fleet.ts";
import { signIn, untilLive } from "./support/fleet_page.ts";
import { inChromium } from "./support/in_chromium.ts";
import { startManyHosts } from "./support/many_hosts.ts";
import { openTab } from "./support/tab.ts";

const WATCHED_MS = 12_000;
/** A page that keeps what it has drawn has some megabytes more by then, each time. */
const MAX_GROWTH = 1_000_000;
/** A browser that is slow has not drawn all in the first. */
const WINDOWS = 3;

inChromium(
  "a page that is watched for long keeps nothing of what it has drawn before",
  async (chromium) => {
    await using many = await startManyHosts(300);
    await using fleet = await startFleet(many);
    await using tab = await openTab(chromium, fleet);
    const { page } = tab;
    await signIn(page, OPERATOR);
    const devtools = await page.context().newCDPSession(page);
    for (const path of ["/", "/hosts"]) {
      await page.goto(path);
      await untilLive(page);
      await page.waitForTimeout(WATCHED_MS / 4);
      const growths: number[] = [];
      let before = await usedBytes(devtools);
      do {
        await page.waitForTimeout(WATCHED_MS);
        const after = await usedBytes(devtools);
        growths.push(after - before);
        before = after;
        console.log(`${path}: ${Math.round((growths.at(-1) ?? 0) / 1000)} kB more`);
      } while (growths.every((growth) => growth >= MAX_GROWTH) && growths.length < WINDOWS);
      assert.ok(growths.some((growth) => growth < MAX_GROWTH), growths.join());
    }
  },
);

/** By what is still in use. */
async function usedBytes(devtools: CDPSession): Promise<number> {
  await devtools.send("HeapProfiler.collectGarbage");
  const { usedSize } = await devtools.send("Runtime.getHeapUsage");
  return usedSize;
}
