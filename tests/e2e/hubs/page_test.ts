import assert from "node:assert/strict";
import { at } from "../../mcp/wire.ts";
import { NATS_SERVER } from "../../nats/server.ts";
import { findProcesses, uniqueSleep, until } from "../../processes.ts";
import { callTool, unanswered } from "../client.ts";
import type { RunningProgram } from "../program.ts";
import { startTwoHubs } from "./two_hubs.ts";

const ignore = NATS_SERVER === null;
const [OPERATOR, CLIENT] = ["the-operators-token", "the-token-of-ann-1234"];
const AS_OPERATOR = { authorization: `Bearer ${OPERATOR}` };
const AS_CLIENT = { authorization: `Bearer ${CLIENT}` };

const registry = (url: string) =>
  `[hosts.here]\nlmcp_url = "${url}"\n[clients.ann]\ntoken = "${CLIENT}"\n`;

/** The calls of the host, as a page of it shows them. */
async function callsOn(
  { port }: RunningProgram,
  headers: Readonly<Record<string, string>>,
): Promise<readonly unknown[]> {
  const response = await fetch(`http://127.0.0.1:${port}/api/hosts/here`, { headers });
  assert.equal(response.status, 200);
  const calls = at(await response.json(), "calls");
  return Array.isArray(calls) ? calls : assert.fail();
}

async function endCall(
  { port }: RunningProgram,
  id: unknown,
  headers: Readonly<Record<string, string>>,
): Promise<unknown> {
  const response = await fetch(`http://127.0.0.1:${port}/calls/end`, {
    method: "POST",
    headers: { ...headers, accept: "application/json" },
    body: new URLSearchParams({ id: String(id) }),
  });
  return at(await response.json(), "problem");
}

Deno.test({
  name: "the page of either hub shows what both run and ran, and ends what another runs",
  ignore,
  fn: async () => {
    await using hubs = await startTwoHubs({ LMCP_TOKEN: OPERATOR }, registry);
    const { one, two } = hubs;
    const shell = (command: string, headers: Readonly<Record<string, string>>) =>
      callTool(one.url, { tool: "remote_shell", args: { host: "here", command }, headers });
    await shell("true", AS_OPERATOR);
    await shell("true", AS_CLIENT);
    const shown = async (hub: RunningProgram, headers: Readonly<Record<string, string>>) =>
      (await callsOn(hub, headers)).map((call) => `${at(call, "principal")} ${at(call, "outcome")}`)
        .sort();
    await until(async () => (await shown(two, AS_OPERATOR)).join() === "ann ok,default ok");
    assert.deepEqual(await shown(two, AS_CLIENT), ["ann ok"]);

    const seconds = uniqueSleep(600);
    const call = shell(`sleep ${seconds}`, AS_OPERATOR).catch(() => null);
    const running = async (headers: Readonly<Record<string, string>>) =>
      (await callsOn(two, headers)).find((call) => at(call, "outcome") === null);
    await until(async () => await running(AS_OPERATOR) !== undefined);
    assert.equal(await running(AS_CLIENT), undefined);
    const id = at(await running(AS_OPERATOR), "id");
    await until(async () => (await findProcesses(seconds)).length > 0);
    assert.match(String(await endCall(two, id, AS_CLIENT)), /does not run/);
    assert.equal((await findProcesses(seconds)).length > 0, true);
    assert.equal(await endCall(two, id, AS_OPERATOR), null);
    await until(async () => (await findProcesses(seconds)).length === 0, 5_000);
    assert.equal(await call, null);
    await until(async () => await running(AS_OPERATOR) === undefined);
    assert.match(String(await endCall(two, id, AS_OPERATOR)), /does not run/);
  },
});

Deno.test({
  name: "what a killed hub ran is shown no longer, and what it did is",
  ignore,
  fn: async () => {
    await using hubs = await startTwoHubs({ LMCP_TOKEN: OPERATOR }, registry);
    const { one, two } = hubs;
    const shell = (command: string) =>
      callTool(one.url, {
        tool: "remote_shell",
        args: { host: "here", command },
        headers: AS_OPERATOR,
      });
    await shell("true");
    const call = unanswered(shell(`sleep ${uniqueSleep(25)}`));
    await until(async () => (await callsOn(two, AS_OPERATOR)).length === 2);
    one.kill("SIGKILL");
    await call;
    const outcomes = async () =>
      (await callsOn(two, AS_OPERATOR)).map((call) => at(call, "outcome"));
    await until(async () => (await outcomes()).length === 1, 25_000);
    assert.deepEqual(await outcomes(), ["ok"]);
  },
});

Deno.test({
  name: "a host that one hub has probed is shown as such by another, which does not probe it",
  ignore,
  fn: async () => {
    await using hubs = await startTwoHubs({ LMCP_TOKEN: OPERATOR }, registry);
    const list = (url: string) =>
      callTool(url, { tool: "remote_list_hosts", headers: AS_OPERATOR });
    const first = at((await list(hubs.one.url)).structured, "hosts", 0);
    await until(async () => {
      const response = await fetch(`http://127.0.0.1:${hubs.two.port}/api/hosts/here`, {
        headers: AS_OPERATOR,
      });
      return at(await response.json(), "row", "status") === "lmcp";
    }, 5_000);
    const second = at((await list(hubs.two.url)).structured, "hosts", 0);
    const latencies = [first, second].map((host) => JSON.stringify(host));
    assert.ok(latencies[0]?.includes("here"));
    assert.equal(
      latencies[0]?.replaceAll(/"next[^,]*/g, ""),
      latencies[1]?.replaceAll(/"next[^,]*/g, ""),
    );
  },
});
