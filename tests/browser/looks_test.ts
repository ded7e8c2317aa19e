/// <reference lib="dom" />
import assert from "node:assert/strict";
import type { Locator } from "playwright-core";
import { faintTexts } from "./support/contrast.ts";
import { OPERATOR, startFleet } from "./support/fleet.ts";
import { filterField, shownHosts, signIn, tokenField, untilIs } from "./support/fleet_page.ts";
import { inChromium } from "./support/in_chromium.ts";
import { openTab } from "./support/tab.ts";

const PATHS = ["/", "/hosts", "/hosts/alpha", "/calls"];

for (const colorScheme of ["light", "dark"] as const) {
  inChromium(`every text can be read in ${colorScheme} colours`, async (chromium) => {
    await using fleet = await startFleet();
    await using tab = await openTab(chromium, { ...fleet, colorScheme });
    const { page } = tab;
    await page.goto("/sign-in");
    assert.deepEqual(await faintTexts(page), []);
    await signIn(page, OPERATOR);
    await untilIs(() => shownHosts(page), ["alpha", "beta"]);
    for (const path of PATHS) {
      await page.goto(path);
      assert.deepEqual(await faintTexts(page), [], path);
      const [background = 0] = await page.evaluate(() =>
        (getComputedStyle(document.documentElement).backgroundColor.match(/\d+/g) ?? []).map(Number)
      );
      assert.equal(background > 127, colorScheme === "light", path);
    }
  });
}

inChromium("a narrow screen needs no scrolling sideways", async (chromium) => {
  await using fleet = await startFleet();
  await using tab = await openTab(chromium, { ...fleet, viewport: { width: 375, height: 812 } });
  const { page } = tab;
  const overflow = () =>
    page.evaluate(() =>
      document.documentElement.scrollWidth - document.documentElement.clientWidth
    );
  await page.goto("/sign-in");
  assert.equal(await overflow(), 0);
  await signIn(page, OPERATOR);
  await untilIs(() => shownHosts(page), ["alpha", "beta"]);
  for (const path of PATHS) {
    await page.goto(path);
    assert.equal(await overflow(), 0, path);
  }
});

inChromium("without a script, pages say the main thing, and forms work", async (chromium) => {
  await using fleet = await startFleet();
  await using tab = await openTab(chromium, { ...fleet, javaScriptEnabled: false });
  const { page } = tab;
  await fleet.call("remote_list_hosts", {});
  await signIn(page, OPERATOR);
  await untilIs(() => shownHosts(page), ["alpha", "beta"]);
  await page.goto("/hosts");
  await filterField(page).fill("@gpu");
  await filterField(page).press("Enter");
  await untilIs(() => shownHosts(page), ["beta"]);
  await page.getByRole("link", { name: "beta" }).click();
  await untilIs(() => page.getByRole("heading", { level: 1 }).innerText(), "beta");
  await page.getByRole("button", { name: "Sign out" }).click();
  await tokenField(page).waitFor();
});

inChromium("texts in panels keep away from their borders", async (chromium) => {
  await using fleet = await startFleet();
  await fleet.agent("beta").stop();
  await using tab = await openTab(chromium, fleet);
  const { page } = tab;
  await signIn(page, OPERATOR);
  await page.goto("/hosts/beta");
  // Its jobs cannot be listed.
  const problem = page.getByRole("alert").filter({ hasText: "connection refused" });
  await problem.waitFor();
  const heading = page.getByRole("heading", { name: "Jobs" });
  assert.equal(await textLeft(problem), await textLeft(heading));
});

/** Where an element's text begins, in pixels. */
async function textLeft(locator: Locator): Promise<number> {
  return await locator.evaluate((element) => {
    const range = document.createRange();
    range.selectNodeContents(element);
    return Math.round(range.getBoundingClientRect().left);
  });
}
