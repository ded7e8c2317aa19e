/// <reference lib="dom" />
import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { OPERATOR, startFleet } from "./support/fleet.ts";
import { filterField, shownHosts, tokenField, untilIs, untilLive } from "./support/fleet_page.ts";
import { inChromium } from "./support/in_chromium.ts";
import { openTab } from "./support/tab.ts";

/** More than any page here has places for. */
const MAX_TABS = 40;

inChromium("whoever has a keyboard alone signs in, filters, and opens a host", async (chromium) => {
  await using fleet = await startFleet();
  await using tab = await openTab(chromium, fleet);
  const { page } = tab;
  await page.goto("/sign-in");
  // The field gets the focus by itself, soon.
  const hasFocus = () => tokenField(page).evaluate((field) => field === document.activeElement);
  await untilIs(hasFocus, true);
  await page.keyboard.type(OPERATOR.token);
  await page.keyboard.press("Enter");
  await page.waitForURL("/");
  await untilLive(page);
  await tabTo(page, "Hosts");
  await page.keyboard.press("Enter");
  await page.waitForURL("/hosts");
  await untilLive(page);
  await tabTo(page, "Filter hosts");
  assert.ok(await filterField(page).evaluate((field) => field === document.activeElement));
  await page.keyboard.type("@gpu");
  await untilIs(() => shownHosts(page), ["beta"]);
  await tabTo(page, "beta");
  await page.keyboard.press("Enter");
  await page.waitForURL("/hosts/beta");
  await untilIs(() => page.getByRole("heading", { level: 1 }).innerText(), "beta");
});

/** Presses Tab until what has this name has the focus, which must be seen at each step. */
async function tabTo(page: Page, name: string): Promise<void> {
  for (let count = 0; count < MAX_TABS; count++) {
    await page.keyboard.press("Tab");
    const focused = page.locator(":focus");
    const [label, outline] = await focused.evaluate((element) => [
      element instanceof HTMLInputElement ? element.labels?.[0]?.innerText : element.textContent,
      getComputedStyle(element).outlineStyle,
    ]);
    assert.notEqual(outline, "none", `No focus is seen on "${label}"`);
    if (label?.trim() === name) return;
  }
  assert.fail(`No Tab leads to "${name}"`);
}
