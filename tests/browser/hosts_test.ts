/// <reference lib="dom" />
import assert from "node:assert/strict";
import { OPERATOR, startFleet } from "./support/fleet.ts";
import {
  filterField,
  rowWith,
  shownHosts,
  signIn,
  untilIs,
  untilLive,
  untilShown,
} from "./support/fleet_page.ts";
import { inChromium } from "./support/in_chromium.ts";
import { openTab } from "./support/tab.ts";

inChromium("hosts are filtered by target expressions", async (chromium) => {
  await using fleet = await startFleet();
  await using tab = await openTab(chromium, fleet);
  const { page } = tab;
  await signIn(page, OPERATOR);
  await page.goto("/hosts");
  await untilIs(() => shownHosts(page), ["alpha", "beta"]);
  await filterField(page).fill("@gpu");
  await untilIs(() => shownHosts(page), ["beta"]);
  await filterField(page).fill("@lab !beta");
  await untilIs(() => shownHosts(page), ["alpha"]);
  await filterField(page).fill("bet");
  await untilShown(page, /beta/);
  await filterField(page).fill("");
  await untilIs(() => shownHosts(page), ["alpha", "beta"]);
});

inChromium(
  "what is typed before the page's script has come filters the hosts",
  async (chromium) => {
    await using fleet = await startFleet();
    await using tab = await openTab(chromium, fleet);
    const { page } = tab;
    await signIn(page, OPERATOR);
    const typed = Promise.withResolvers<void>();
    await page.route(/open_page\.js$/, async (route) => {
      await typed.promise;
      await route.continue();
    });
    await page.goto("/hosts", { waitUntil: "commit" });
    await filterField(page).fill("@gpu");
    typed.resolve();
    await untilIs(() => shownHosts(page), ["beta"]);
    assert.equal(await filterField(page).inputValue(), "@gpu");
  },
);

inChromium("a host that goes down while one watches is shown as down", async (chromium) => {
  await using fleet = await startFleet();
  await using tab = await openTab(chromium, fleet);
  const { page } = tab;
  await signIn(page, OPERATOR);
  await page.goto("/hosts");
  await untilShown(page, /2 up/);
  await page.evaluate(() => document.body.dataset.mark = "not reloaded");
  await fleet.agent("beta").stop();
  await untilShown(rowWith(page, "beta"), /down/i);
  await untilShown(rowWith(page, "beta"), /connection refused/);
  await untilShown(page, /1 up/);
  // The bad ones first.
  await untilIs(() => shownHosts(page), ["beta", "alpha"]);
  await fleet.agent("beta").start();
  await untilShown(page, /2 up/);
  await untilIs(() => shownHosts(page), ["alpha", "beta"]);
  assert.equal(await page.evaluate(() => document.body.dataset.mark), "not reloaded");
});

inChromium("a filter follows hosts that are renamed while one watches", async (chromium) => {
  await using fleet = await startFleet();
  await using tab = await openTab(chromium, fleet);
  const { page } = tab;
  await signIn(page, OPERATOR);
  await page.goto("/hosts?q=@gpu");
  await untilIs(() => shownHosts(page), ["beta"]);
  await untilLive(page);
  const path = `${fleet.directory}/hosts.toml`;
  const registry = await Deno.readTextFile(path);
  await Deno.writeTextFile(path, registry.replace("[hosts.beta]", "[hosts.gamma]"));
  await untilIs(() => shownHosts(page), ["gamma"]);
});
