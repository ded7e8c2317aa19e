import assert from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";
import { until } from "../processes.ts";
import { OPERATOR, startFleet } from "./support/fleet.ts";
import { sendToken, shownHosts, signIn, untilIs, untilLive } from "./support/fleet_page.ts";
import { inChromium } from "./support/in_chromium.ts";
import { openTab } from "./support/tab.ts";

/** A page says so after 12 s. */
const SILENCE_MS = 20_000;
/** A page that has tried in vain for some time tries less often. */
const RETRY_MS = 30_000;
/** How long it takes until a slow hub answers. */
const SLOW_MS = 2_500;

inChromium("a page says that the hub is gone, and goes on when it is back", async (chromium) => {
  await using fleet = await startFleet({ isOpen: true });
  await using tab = await openTab(chromium, fleet);
  const { page } = tab;
  await page.goto("/");
  await untilLive(page);
  assert.equal(await page.getByRole("button", { name: "Sign out" }).count(), 0);
  tab.expect(/ERR_|Failed to load resource/);
  await fleet.hub.stop();
  const contact = page.locator(".contact");
  await until(async () => /^no contact for 1\d s$/m.test(await contact.innerText()), SILENCE_MS);
  // What was known stays readable.
  assert.deepEqual(await shownHosts(page), ["alpha", "beta"]);
  await fleet.hub.start();
  await until(async () => /^live$/m.test(await contact.innerText()), RETRY_MS);
  assert.deepEqual(await shownHosts(page), ["alpha", "beta"]);
});

inChromium(
  "a page that has lost its hub waits for one that is slow to answer",
  async (chromium) => {
    await using fleet = await startFleet({ isOpen: true });
    await using tab = await openTab(chromium, fleet);
    const { page } = tab;
    await page.goto("/");
    await untilLive(page);
    tab.expect(/ERR_|Failed to load resource/);
    await fleet.hub.stop();
    const contact = page.locator(".contact");
    await until(async () => /^no contact for 1\d s$/m.test(await contact.innerText()), SILENCE_MS);
    await page.route("/api/events", async (route) => {
      await delay(SLOW_MS);
      await route.continue().catch(() => {});
    });
    await fleet.hub.start();
    await until(async () => /^live$/m.test(await contact.innerText()), RETRY_MS);
  },
);

inChromium("a page of a hub that has started again asks to sign in", async (chromium) => {
  await using fleet = await startFleet();
  await using tab = await openTab(chromium, fleet);
  const { page } = tab;
  await signIn(page, OPERATOR);
  await page.goto("/hosts?q=%40gpu");
  await untilLive(page);
  tab.expect(/ERR_|Failed to load resource/);
  await fleet.hub.stop();
  await fleet.hub.start();
  await page.getByRole("link", { name: "sign in" }).click({ timeout: RETRY_MS });
  await sendToken(page, OPERATOR);
  await untilLive(page);
  // Where one was before.
  await untilIs(() => shownHosts(page), ["beta"]);
});

inChromium("a page connects again when its machine has slept", async (chromium) => {
  await using fleet = await startFleet({ isOpen: true });
  await using tab = await openTab(chromium, fleet);
  const { page } = tab;
  await page.clock.install();
  await page.goto("/");
  await untilLive(page);
  const again = page.waitForRequest(/\/api\/events$/);
  await page.clock.setSystemTime(Date.now() + 3_600_000);
  await again;
  await untilLive(page);
});
