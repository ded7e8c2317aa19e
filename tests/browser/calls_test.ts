import assert from "node:assert/strict";
import { findProcesses, uniqueSleep, until } from "../processes.ts";
import { OPERATOR, startFleet } from "./support/fleet.ts";
import { rowWith, signIn, untilShown } from "./support/fleet_page.ts";
import { inChromium } from "./support/in_chromium.ts";
import { openTab } from "./support/tab.ts";

inChromium("a running call is shown, and is ended by a button", async (chromium) => {
  await using fleet = await startFleet();
  await using tab = await openTab(chromium, fleet);
  const { page } = tab;
  await signIn(page, OPERATOR);
  await page.goto("/calls");
  const sleep = `sleep ${uniqueSleep(300)}`;
  const call = assert.rejects(
    fleet.call("remote_shell", { host: "alpha", command: sleep, timeout: 400 }),
    /An operator ended the call: whether it had an effect is unknown/,
  );
  await until(async () => (await findProcesses(sleep)).length > 0);
  const running = rowWith(page, "remote_shell");
  await running.getByRole("button").click();
  await until(async () => (await findProcesses(sleep)).length === 0, 5_000);
  await call;
  await untilShown(running, "unknown");
  assert.equal(await running.getByRole("button").count(), 0);
  assert.doesNotMatch(await page.content(), new RegExp(sleep));
});
