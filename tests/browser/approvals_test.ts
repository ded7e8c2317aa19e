import assert from "node:assert/strict";
import { headersOf, idIn, startConfirmedFleet, TOKENS } from "../approvals/fleet.ts";
import { SSHD } from "../sshd.ts";
import { signIn, untilIs, untilLive, untilShown } from "./support/fleet_page.ts";
import { inChromium } from "./support/in_chromium.ts";
import { openTab } from "./support/tab.ts";

const RULES = `
[[confirm]]
hosts = ["one"]
by = "operator"
`;

if (SSHD !== null) {
  inChromium("the operator allows a call with a button, and denies another", async (chromium) => {
    await using fleet = await startConfirmedFleet(RULES);
    await using tab = await openTab(chromium, fleet);
    const { page } = tab;
    await signIn(page, { token: TOKENS.default });
    await untilLive(page);
    const args = { host: "one", command: `${fleet.command} # <b>\u202e` };
    const approval = idIn(await fleet.call("alice", "remote_shell", args));
    await untilShown(page, "1 call waiting for you");
    const shown = await page.locator(".approvals pre").innerText();
    assert.ok(shown.includes(`${fleet.command} # <b><U+202E>`), shown);
    assert.match(shown, /^tool: remote_shell\nclient: alice\nhost: one\n/);
    await page.getByRole("button", { name: /^Allow remote_shell for alice/ }).click();
    await untilShown(page, "The call may run, once");
    await page.locator(".approvals").waitFor({ state: "detached" });
    assert.equal(await fleet.countRuns(), 0);
    assert.match((await fleet.call("alice", "remote_shell", { ...args, approval })).text, /done/);
    assert.equal(await fleet.countRuns(), 1);

    await fleet.call("bob", "remote_shell", args);
    await page.getByRole("button", { name: /^Deny remote_shell for bob/ }).click();
    await untilShown(page, "The call was denied");
    assert.match(
      (await fleet.call("bob", "remote_shell", args)).text,
      /default, on the fleet page/,
    );
  });

  inChromium(
    "without a script, the operator answers too; a client sees nothing to answer",
    async (chromium) => {
      await using fleet = await startConfirmedFleet(RULES);
      const args = { host: "one", command: fleet.command };
      const approval = idIn(await fleet.call("alice", "remote_shell", args));
      await using clients = await openTab(chromium, { ...fleet, javaScriptEnabled: false });
      await signIn(clients.page, { token: TOKENS.alice });
      await untilShown(clients.page, "Last calls");
      assert.equal(await clients.page.locator(".approvals").count(), 0);
      const state = await clients.page.context().cookies();
      const cookie = state.map(({ name, value }) => `${name}=${value}`).join("; ");
      const own = await fetch(`${fleet.origin}/approvals/allow`, {
        method: "POST",
        headers: { cookie, origin: fleet.origin, accept: "application/json" },
        body: new URLSearchParams({ id: approval }),
      });
      assert.deepEqual(await own.json(), { problem: "only the hub's own token may answer" });
      const byToken = await fetch(`${fleet.origin}/approvals/allow`, {
        method: "POST",
        headers: { ...headersOf("default"), accept: "application/json" },
        body: new URLSearchParams({ id: approval }),
      });
      assert.deepEqual(await byToken.json(), { problem: "sign in on the page first" });

      await using tab = await openTab(chromium, { ...fleet, javaScriptEnabled: false });
      await signIn(tab.page, { token: TOKENS.default });
      await tab.page.getByRole("button", { name: /^Allow/ }).click();
      await untilIs(() => tab.page.locator(".approvals").count(), 0);
      assert.match((await fleet.call("alice", "remote_shell", { ...args, approval })).text, /done/);
      assert.equal(await fleet.countRuns(), 1);
    },
  );
}
