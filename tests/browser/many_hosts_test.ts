/// <reference lib="dom" />
import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { OPERATOR, startFleet } from "./support/fleet.ts";
import { filterField, signIn, untilIs } from "./support/fleet_page.ts";
import { inChromium } from "./support/in_chromium.ts";
import { startManyHosts } from "./support/many_hosts.ts";
import { openTab } from "./support/tab.ts";

/** Generous: machines that run tests do other things, too. The figures are printed. */
const LIMIT_MS = 2_000;
/** How often something is tried before it counts as slow. */
const TRIES = 3;

inChromium("a thousand hosts show, and are filtered, without a wait", async (chromium) => {
  await using many = await startManyHosts(1_000);
  await using fleet = await startFleet(many);
  await fleet.call("remote_list_hosts", {});
  await using tab = await openTab(chromium, fleet);
  const { page } = tab;
  await signIn(page, OPERATOR);
  const untilRows = (count: number) => untilIs(() => page.locator("tbody tr").count(), count);
  const painted = await quickest(async () => {
    await page.goto("/hosts");
    await untilRows(1_000);
    return await firstPaint(page);
  });
  const filtered = await quickest(async () => {
    await filterField(page).fill("");
    await untilRows(1_000);
    await filterField(page).fill("@gp");
    return await firstFrameAfter(page, "u", 200);
  });
  console.log(`1,000 hosts: first paint ${painted} ms, filter ${filtered} ms`);
  assert.ok(painted < LIMIT_MS && filtered < LIMIT_MS);
});

/** The time of the first try that is no longer than the limit, or else of the quickest. */
async function quickest(measure: () => Promise<number>): Promise<number> {
  const times: number[] = [];
  do times.push(await measure()); while (times.length < TRIES && Math.min(...times) >= LIMIT_MS);
  return Math.min(...times);
}

/** From the click to the first paint, in milliseconds. */
async function firstPaint(page: Page): Promise<number> {
  return await page.evaluate(() =>
    Math.round(performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? NaN)
  );
}

/** From a key to the first frame in which the table has so many rows, in milliseconds. */
async function firstFrameAfter(page: Page, key: string, rows: number): Promise<number> {
  await using measured = await page.evaluateHandle((rows) => ({
    done: new Promise<number>((resolve) => {
      addEventListener("keydown", ({ timeStamp }) => {
        const look = () => {
          if (document.querySelectorAll("tbody tr").length !== rows) requestAnimationFrame(look);
          else requestAnimationFrame((now) => resolve(Math.round(now - timeStamp)));
        };
        look();
      }, { once: true, capture: true });
    }),
  }), rows);
  await page.keyboard.press(key);
  await untilIs(() => page.locator("tbody tr").count(), rows);
  return await measured.evaluate(({ done }) => done);
}
