import assert from "node:assert/strict";
import { CLIENT, startFleet } from "./support/fleet.ts";
import { rowWith, shownHosts, signIn, untilIs, untilShown } from "./support/fleet_page.ts";
import { inChromium } from "./support/in_chromium.ts";
import { openTab } from "./support/tab.ts";

inChromium(
  "a client sees its own hosts and calls, and no button it may not use",
  async (chromium) => {
    await using fleet = await startFleet();
    await fleet.call("remote_shell", { host: "beta", command: "true" });
    await fleet.call("remote_read_file", { host: "alpha", path: "/etc/hostname" });
    await fleet.call("remote_shell", { host: "alpha", command: "true" }, CLIENT);
    const command = `echo begun; while [ -d '${fleet.directory}' ]; do sleep 0.2; done`;
    const job = { host: "alpha", command, name: "builds" };
    await fleet.call("remote_shell_bg", job, CLIENT);
    await using tab = await openTab(chromium, fleet);
    const { page } = tab;
    await signIn(page, CLIENT);
    await untilIs(() => shownHosts(page), ["alpha"]);
    for (const path of ["/", "/hosts", "/calls", "/hosts/alpha"]) {
      await page.goto(path);
      await untilShown(page, "remote_shell");
      const text = await page.content();
      assert.doesNotMatch(text, /beta|gpu|remote_read_file/, path);
    }
    await untilShown(rowWith(page, "builds"), /running/);
    assert.equal(await rowWith(page, "builds").getByRole("button", { name: /^End/ }).count(), 0);
  },
);
