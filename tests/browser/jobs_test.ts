/// <reference lib="dom" />
import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { findProcesses, uniqueSleep, until } from "../processes.ts";
import { OPERATOR, startFleet } from "./support/fleet.ts";
import { rowWith, signIn, untilIs, untilShown } from "./support/fleet_page.ts";
import { inChromium } from "./support/in_chromium.ts";
import { openTab } from "./support/tab.ts";

inChromium("a job's output grows while one watches, until a button ends it", async (chromium) => {
  await using fleet = await startFleet();
  await using tab = await openTab(chromium, fleet);
  const { page } = tab;
  const sleep = `sleep ${uniqueSleep(300)}`;
  const go = `${fleet.directory}/go`;
  const command = `echo first; until [ -e '${go}' ]; do sleep 0.05; done; echo second; ${sleep}`;
  await fleet.call("remote_shell_bg", { host: "alpha", command, name: "builds" });
  await signIn(page, OPERATOR);
  await page.goto("/hosts/alpha");
  await rowWith(page, "builds").getByRole("button", { name: "Output" }).click();
  await untilShown(page, /^first/);
  await Deno.writeTextFile(go, "");
  await untilShown(page, /second/);
  await until(async () => (await findProcesses(sleep)).length > 0);
  await rowWith(page, "builds").getByRole("button", { name: "End builds" }).click();
  await page.getByRole("button", { name: "End the job" }).click();
  await until(async () => (await findProcesses(sleep)).length === 0);
  await untilShown(rowWith(page, "builds"), /killed/);
});

inChromium("a job's output goes on when the hub is back", async (chromium) => {
  await using fleet = await startFleet({ isOpen: true });
  await using tab = await openTab(chromium, fleet);
  const { page } = tab;
  const go = `${fleet.directory}/go`;
  const command = `echo first; until [ -e '${go}' ]; do sleep 0.05; done; echo second`;
  await fleet.call("remote_shell_bg", { host: "alpha", command, name: "builds" });
  await page.goto("/hosts/alpha");
  await rowWith(page, "builds").getByRole("button", { name: "Output" }).click();
  await untilShown(page, /^first/);
  tab.expect(/ERR_|Failed to load resource/);
  await fleet.hub.stop();
  await untilShown(page.getByRole("alert"), /did not answer/);
  assert.equal(await page.locator("pre").innerText(), "first\n");
  await fleet.hub.start();
  await Deno.writeTextFile(go, "");
  await untilIs(() => page.locator("pre").innerText(), "first\nsecond\n");
});

inChromium("many outputs that are open at once keep no button waiting", async (chromium) => {
  await using fleet = await startFleet({ isOpen: true });
  await using tab = await openTab(chromium, fleet);
  const { page } = tab;
  const names = ["one", "two", "three", "four", "five", "six", "seven"];
  const go = `${fleet.directory}/go`;
  const wait = `while [ -d '${fleet.directory}' ] && [ ! -e '${go}' ]; do sleep 0.05; done`;
  for (const name of names) {
    await fleet.call("remote_shell_bg", {
      host: "alpha",
      command: `echo of ${name}; ${wait}`,
      name,
    });
  }
  let followUps = 0;
  page.on("request", (request) => void (/offset=[1-9]/.test(request.url()) && followUps++));
  await page.goto("/hosts/alpha");
  for (const name of names) await page.getByRole("button", { name: `Output of ${name}` }).click();
  for (const name of names.slice(0, 4)) await untilShown(page, `of ${name}`);
  await until(() => Promise.resolve(followUps >= names.length));
  const asked = await page.evaluate(async () => {
    const startedAt = performance.now();
    await (await fetch("/api/match?q=")).text();
    return performance.now() - startedAt;
  });
  // What waits for an output does so for twenty seconds.
  assert.ok(asked < 8_000, `it took ${asked} ms`);
  for (const name of names) await untilShown(page, `of ${name}`);
  await Deno.writeTextFile(go, "");
});

inChromium("a page that nobody sees asks no host for anything", async (chromium) => {
  await using fleet = await startFleet({ isOpen: true });
  await using tab = await openTab(chromium, fleet);
  const { page } = tab;
  await page.clock.install();
  const command = `echo first; while [ -d '${fleet.directory}' ]; do sleep 0.2; done`;
  await fleet.call("remote_shell_bg", { host: "alpha", command });
  await page.goto("/hosts/alpha");
  await page.getByRole("button", { name: /^Output/ }).click();
  await untilShown(page, /^first/);
  const waiting = page.waitForRequest(/offset=[1-9]/);
  await page.clock.runFor(5_000);
  const { url } = await waiting.then((request) => ({ url: request.url() }));
  const givenUp = page.waitForEvent("requestfailed", (request) => request.url() === url);
  await setHidden(page, true);
  await givenUp;
  const asked: string[] = [];
  page.on("request", (request) => asked.push(request.url()));
  await page.clock.runFor(60_000);
  assert.deepEqual(asked, []);
  const again = page.waitForRequest(/\/jobs$/);
  await setHidden(page, false);
  await again;
});

/** What a browser does when its user turns to another tab, or back. */
function setHidden(page: Page, isHidden: boolean): Promise<void> {
  return page.evaluate((hidden) => {
    Object.defineProperty(document, "hidden", { configurable: true, value: hidden });
    document.dispatchEvent(new Event("visibilitychange"));
  }, isHidden);
}
