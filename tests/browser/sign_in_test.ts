/// <reference lib="dom" />
import assert from "node:assert/strict";
import type { Cookie, Page } from "playwright-core";
import { OPERATOR, startFleet } from "./support/fleet.ts";
import {
  sendToken,
  shownHosts,
  signIn,
  tokenField,
  untilIs,
  untilShown,
} from "./support/fleet_page.ts";
import { inChromium } from "./support/in_chromium.ts";
import { openTab } from "./support/tab.ts";

inChromium("a wrong token is refused in words, and shows no host", async (chromium) => {
  await using fleet = await startFleet();
  await using tab = await openTab(chromium, fleet);
  // Chromium complains of answers with an error status, these two.
  tab.expect(/401 .*\d\/\)$/);
  tab.expect(/401 .*\/sign-in\)$/);
  await tab.page.goto("/");
  await sendToken(tab.page, { token: "wrong" });
  await untilShown(tab.page, "This token is not accepted.");
  assert.doesNotMatch(await tab.page.content(), /alpha|beta/);
  assert.deepEqual(await sessionsOf(tab.page), []);
});

inChromium("the right token opens the page, and is nowhere in it", async (chromium) => {
  await using fleet = await startFleet();
  await using tab = await openTab(chromium, fleet);
  const { page } = tab;
  await signIn(page, OPERATOR);
  await untilIs(() => shownHosts(page), ["alpha", "beta"]);
  assert.doesNotMatch(page.url() + await page.content(), new RegExp(OPERATOR.token));
  const [cookie, ...others] = await sessionsOf(page);
  assert.deepEqual(others, []);
  assert.deepEqual([cookie?.httpOnly, cookie?.sameSite], [true, "Strict"]);
  assert.doesNotMatch(cookie?.value ?? "", new RegExp(OPERATOR.token));
  const kept = await page.evaluate(() => [localStorage.length, sessionStorage.length]);
  assert.deepEqual(kept, [0, 0]);
});

inChromium("signing out closes all tabs, and the way back", async (chromium) => {
  await using fleet = await startFleet();
  await using tab = await openTab(chromium, fleet);
  const { page } = tab;
  await signIn(page, OPERATOR);
  await untilIs(() => shownHosts(page), ["alpha", "beta"]);
  const other = await page.context().newPage();
  await other.goto("/");
  await untilIs(() => shownHosts(other), ["alpha", "beta"]);
  // The other tab learns of it from the first, or from what it asks the hub next.
  tab.allow(/401 .*\/api\//);
  await page.getByRole("button", { name: "Sign out" }).click();
  await tokenField(page).waitFor();
  await untilShown(other, /signed out/);
  tab.expect(/401 .*\d\/\)$/);
  await page.goBack();
  await tokenField(page).waitFor();
  assert.deepEqual(await sessionsOf(page), []);
});

/** The cookies that open the page. */
async function sessionsOf(page: Page): Promise<Cookie[]> {
  const cookies = await page.context().cookies();
  return cookies.filter(({ name }) => name.includes("session"));
}
