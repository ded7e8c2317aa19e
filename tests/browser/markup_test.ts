/// <reference lib="dom" />
import assert from "node:assert/strict";
import { startBackend } from "../lab/backend.ts";
import type { Fault } from "../lab/faults/fault.ts";
import { httpText } from "../lab/http_text.ts";
import { postTo } from "../e2e/client.ts";
import { modernHeaders, modernRequest } from "../mcp/wire.ts";
import { type Fleet, OPERATOR, startFleet } from "./support/fleet.ts";
import { rowWith, signIn, untilShown } from "./support/fleet_page.ts";
import { inChromium } from "./support/in_chromium.ts";
import { openTab } from "./support/tab.ts";

/** A text that becomes an element where it is not escaped. */
const markup = (what: string) => `<i/data-planted>${what}</i>`;

/** A backend's error. */
const FAULT: Fault = {
  name: "an error with markup",
  runs: false,
  strike: ({ connection }) => connection.send(httpText({ status: 500, body: markup("error") })),
};

inChromium("what others have written is shown as text", async (chromium) => {
  await using faulty = await startBackend({ behaviour: () => FAULT });
  await using fleet = await startFleet({
    hosts: [
      { name: "alpha", tags: [markup("tag")] },
      { name: "faulty", url: faulty.url },
    ],
    agentEnv: { LMCP_NAME: markup("agent") },
  });
  await fleet.call("remote_list_hosts", {});
  const command = `echo '${markup("output")}'; exit 3 # ${markup("command")}`;
  await fleet.call("remote_shell_bg", { host: "alpha", command, name: markup("job"), wait: 5 });
  await callAsClient(fleet, markup("client"));
  await using tab = await openTab(chromium, fleet);
  const { page } = tab;
  const check = async (...texts: readonly string[]) => {
    for (const text of texts) await untilShown(page, text);
    assert.equal(await page.locator("[data-planted]").count(), 0, page.url());
  };
  await signIn(page, OPERATOR);
  await check(markup("tag"), markup("error"));
  await page.goto(`/hosts?${new URLSearchParams({ q: markup("targets") })}`);
  await check();
  await page.goto("/calls");
  await check(markup("client"), markup("tool"));
  await page.goto("/hosts/faulty");
  await check(markup("error"));
  await page.goto("/hosts/alpha");
  await check(markup("tag"), markup("agent"), markup("job"), markup("command"));
  await rowWith(page, "job").getByRole("button", { name: "Output" }).click();
  await check(markup("output"));
  tab.expect(/404/);
  await page.goto(`/hosts/${encodeURIComponent(markup("host"))}`);
  await check();
  const registry = `${fleet.directory}/hosts.toml`;
  await Deno.writeTextFile(registry, `\n"${markup("key")}" = 1\n`, { append: true });
  await page.goto("/");
  await untilShown(page, new RegExp(markup("key")));
  await check();
});

/** Calls a tool that there is not, as a client with this name. */
async function callAsClient({ origin }: Fleet, name: string): Promise<void> {
  const info = { "io.modelcontextprotocol/clientInfo": { name, version: markup("version") } };
  const params = { name: markup("tool"), arguments: { host: markup("host") } };
  const message = modernRequest(1, "tools/call", params, info);
  const headers = { ...modernHeaders(message), authorization: `Bearer ${OPERATOR.token}` };
  const response = await postTo(`${origin}/mcp`, message, { headers });
  await response.body?.cancel();
}
