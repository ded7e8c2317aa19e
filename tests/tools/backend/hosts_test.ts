import assert from "node:assert/strict";
import type { Client } from "../../../lib/fleet/client.ts";
import { ALL_TOOLS, type ToolRules } from "../../../lib/fleet/rules.ts";
import { Secret } from "../../../lib/base/secret.ts";
import { startBackend } from "../../lab/backend.ts";
import { openBlackHole } from "../../lab/black_hole.ts";
import { silent } from "../../lab/faults/connection.ts";
import { labHost } from "../../lab/host.ts";
import { openHub } from "../../lab/hub.ts";
import { callContext } from "../../mcp/call_context.ts";
import { createAccess } from "../../../lib/tools/access.ts";
import { createRemoteTools } from "../../../lib/tools/catalog.ts";
import { createFakeInventory } from "./fake_inventory.ts";
import { outputOptions } from "../../outputs/options.ts";

Deno.test("remote_tools of 100 hosts, 10 of them dead, names those ten, and waits for none", async () => {
  using hole = await openBlackHole();
  await using mute = await startBackend({ behaviour: () => silent });
  await using healthy = await startBackend({
    tools: () => ({ tools: [{ name: "shell" }, { name: "info", description: "CPU" }] }),
  });
  const timeouts = { connectMs: 5_000, lmcpMs: 20_000 };
  const hosts = Array.from({ length: 100 }, (_, index) => {
    const isDead = index % 10 === 0;
    const lmcpUrl = isDead ? index < 50 ? hole.url : mute.url : healthy.url;
    return labHost({ name: `h${String(index).padStart(2, "0")}`, lmcpUrl, timeouts });
  });
  await using hub = openHub({ hosts });
  const startedAt = performance.now();
  const { content: [first] } = await hub.call("remote_tools", {});
  const tookMs = performance.now() - startedAt;
  const boundMs = (timeouts.connectMs + timeouts.lmcpMs) / 2;
  assert.ok(tookMs < boundMs, `it took ${tookMs} ms`);
  assert.equal(
    first?.type === "text" && first.text,
    "info: h01, h02, h03, h04, h05, h06, h07, h08 and 82 more (90 hosts; calls not allowed)\n" +
      "  CPU\n" +
      "no answer: h00, h10, h20, h30, h40 (connect: timeout); h50, h60, h70, h80, h90 (timeout)",
  );
});

function client(rules: Partial<ToolRules>, hosts: readonly string[]): Client {
  return {
    name: "ann",
    token: new Secret("t"),
    tokenVariable: null,
    hosts: new Set(hosts),
    maxTimeoutMs: null,
    results: null,
    rules: { ...ALL_TOOLS, ...rules },
  };
}

/** The tools of a client, in a fleet of a host `seen` and a host `hidden`. */
function openFor(ann: Client) {
  const hosts = ["seen", "hidden"].map((name) =>
    labHost({ name, lmcpUrl: "http://b/", callTools: null })
  );
  const registry = {
    path: "/r.toml",
    hosts: new Map(hosts.map((host) => [host.name, host])),
    clients: new Map([["ann", ann]]),
    groups: new Map(),
  };
  const inventory = createFakeInventory(({ name }) =>
    name === "hidden" ? "timeout" : [{ name: "backup" }, { name: "secret-of-seen" }]
  );
  const tools = createRemoteTools({
    ...outputOptions(),
    access: () => access,
    dispatch: () => Promise.reject(new Error("Nothing was to be dispatched")),
    inventory,
    listStates: () => Promise.resolve(new Map()),
    now: () => 0,
  });
  const access = createAccess({ registry, problems: [] }, tools);
  return {
    inventory,
    call: async (name: string, args: Readonly<Record<string, unknown>> = {}) => {
      const tool = access.toolsFor("ann").find((known) => known.name === name);
      const result = await tool?.call(args, callContext({ principal: "ann" }));
      return result === undefined ? null : JSON.stringify(result);
    },
  };
}

Deno.test("remote_tools and remote_call_tool never name, or ask, a host that is hidden", async () => {
  const { call, inventory } = openFor(client({}, ["seen"]));
  const answers = [
    await call("remote_tools"),
    await call("remote_tools", { query: "backup" }),
    await call("remote_tools", { tool: "backup" }),
    await call("remote_tools", { tool: "nothing" }),
    await call("remote_tools", { host: "seen" }),
    await call("remote_call_tool", { host: "seen", tool: "nothing" }),
  ];
  for (const answer of answers) assert.doesNotMatch(answer ?? "", /hidden/);
  for (const tool of ["remote_tools", "remote_call_tool"]) {
    const hidden = await call(tool, { host: "hidden", tool: "backup" });
    const missing = await call(tool, { host: "missin", tool: "backup" });
    assert.equal(hidden?.replaceAll("hidden", "missin"), missing);
    assert.match(hidden ?? "", /unknown host/);
  }
  assert.deepEqual(new Set(inventory.asked), new Set(["seen"]));
});

Deno.test("remote_call_tool does not exist for a client that may only read, and nothing is said of calls", async () => {
  const { call } = openFor(client({ readOnly: true }, ["seen"]));
  assert.equal(await call("remote_call_tool", { host: "seen", tool: "backup" }), null);
  const listed = await call("remote_tools");
  assert.match(listed ?? "", /backup: seen \(1 host\)/);
  assert.match(listed ?? "", /"callable_on":\[\]/);
});

Deno.test("the tools of a client can leave out each of the two", async () => {
  const finder = openFor(client({ tools: new Set(["remote_tools"]) }, ["seen"]));
  assert.equal(await finder.call("remote_call_tool", { host: "seen", tool: "backup" }), null);
  assert.match(await finder.call("remote_tools") ?? "", /backup/);
  const caller = openFor(client({ tools: new Set(["remote_call_tool"]) }, ["seen"]));
  assert.equal(await caller.call("remote_tools"), null);
});
