import { findProcesses, uniqueSleep, until } from "../processes.ts";
import { OPERATOR, startFleet } from "./support/fleet.ts";
import { rowWith, signIn, untilShown } from "./support/fleet_page.ts";
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
  await until(async () => (await findProcesses(sleep)).length > 0, 5_000);
  await rowWith(page, "builds").getByRole("button", { name: "End builds" }).click();
  await page.getByRole("button", { name: "End the job" }).click();
  await until(async () => (await findProcesses(sleep)).length === 0, 10_000);
  await untilShown(rowWith(page, "builds"), /killed/);
});
