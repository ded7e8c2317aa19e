/// <reference lib="dom" />
import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { OPERATOR, startFleet } from "./support/fleet.ts";
import { signIn, untilLive } from "./support/fleet_page.ts";
import { inChromium } from "./support/in_chromium.ts";
import { openTab } from "./support/tab.ts";

inChromium("a page that is opened for the second time asks for no asset", async (chromium) => {
  await using fleet = await startFleet();
  await using tab = await openTab(chromium, fleet);
  const { page } = tab;
  await signIn(page, OPERATOR);
  await untilLive(page);
  const first = await assetsSent(page);
  assert.ok(first > 40, `${first}`);
  for (const path of ["/hosts", "/"]) {
    await page.goto(path);
    await untilLive(page);
    assert.equal(await assetsSent(page), 0, path);
  }
});

/** How many files of the page's own came from the hub for this load. */
async function assetsSent(page: Page): Promise<number> {
  return await page.evaluate(() =>
    performance.getEntriesByType("resource")
      .filter(({ name }) => new URL(name).pathname.startsWith("/assets/"))
      .filter((entry) => entry instanceof PerformanceResourceTiming && entry.transferSize > 0)
      .length
  );
}
