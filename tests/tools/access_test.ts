import assert from "node:assert/strict";
import { z } from "zod";
import type { Client } from "../../lib/fleet/client.ts";
import type { Dispatch } from "../../lib/fleet/dispatch.ts";
import type { HostState } from "../../lib/fleet/health.ts";
import type { Host } from "../../lib/fleet/host.ts";
import { ALL_TOOLS, TOOL_NAMES, type ToolName, type ToolRules } from "../../lib/fleet/rules.ts";
import type { CallToolResult } from "../../lib/mcp/tool.ts";
import { Secret } from "../../lib/base/secret.ts";
import { createAccess } from "../../lib/tools/access.ts";
import { createRemoteTools } from "../../lib/tools/catalog.ts";
import { callContext } from "../mcp/call_context.ts";
import { labHost } from "../lab/host.ts";
import { createFakeInventory } from "./backend/fake_inventory.ts";
import { outputOptions } from "../outputs/options.ts";

const UP: HostState = {
  up: true,
  via: "ssh",
  error: null,
  detail: null,
  toolCount: null,
  latencyMs: 1,
  checkedAt: 0,
  nextProbeAt: 0,
};

interface World {
  readonly hosts: readonly Host[];
  readonly clients?: readonly Client[];
  readonly problems?: readonly string[];
  readonly groups?: Readonly<Record<string, readonly string[]>>;
}

/** The real tools over a dispatcher that notes what reaches which host. */
function open({ hosts, clients = [], problems = [], groups = {} }: World) {
  const delivered: string[] = [];
  const dispatch: Dispatch = ({ name }, { tool }) => {
    delivered.push(`${name} ${tool}`);
    return Promise.resolve({ kind: "not_delivered", errors: [], fallbackReason: null });
  };
  const registry = {
    path: "/r.toml",
    hosts: new Map(hosts.map((host) => [host.name, host])),
    clients: new Map(clients.map((client) => [client.name, client])),
    groups: new Map(Object.entries(groups).map(([name, of]) => [name, new Set(of)])),
  };
  const inventory = createFakeInventory(() => [{ name: "backup" }]);
  const tools = createRemoteTools({
    ...outputOptions(),
    access: () => access,
    dispatch,
    inventory,
    listStates: (some) => Promise.resolve(new Map(some.map((host) => [host, UP]))),
    now: () => 0,
  });
  const access = createAccess({ registry, problems }, tools);

  /** Calls a tool as the server does; null: it does not exist for this principal. */
  async function call(
    principal: string,
    name: ToolName,
    args: Readonly<Record<string, string>> = {},
  ): Promise<CallToolResult | null> {
    const tool = access.toolsFor(principal).find((known) => known.name === name);
    if (tool === undefined) return null;
    const { properties } = schemaShape.parse(tool.inputSchema);
    const common = Object.entries({ path: "/p", command: "c" }).filter(([key]) =>
      key in properties
    );
    return await tool.call({ ...Object.fromEntries(common), ...args }, callContext({ principal }));
  }
  return { access, call, delivered, tools };
}

const schemaShape = z.object({ properties: z.record(z.string(), z.unknown()) });

function client(name: string, rules: Partial<ToolRules>, hosts?: readonly string[]): Client {
  return {
    name,
    token: new Secret(name),
    tokenVariable: null,
    hosts: hosts === undefined ? null : new Set(hosts),
    maxTimeoutMs: null,
    results: null,
    rules: { ...ALL_TOOLS, ...rules },
  };
}

function textOf(result: CallToolResult | null): string {
  const [block] = result?.content ?? [];
  return block?.type === "text" ? block.text : "";
}

const CLIENTS = [
  client("all", {}),
  client("two", { tools: new Set(["remote_shell", "remote_read_file"]) }),
  client("reader", { readOnly: true }),
  client("one", { tools: new Set(["remote_shell", "remote_list_dir"]), readOnly: true }),
  client("here", {}, ["tesla"]),
  client("elsewhere", {}, ["curie"]),
];

const HOST_RULES: Readonly<Record<string, ToolRules>> = {
  everything: ALL_TOOLS,
  "two tools": { tools: new Set(["remote_shell", "remote_list_dir"]), readOnly: false },
  "read only": { tools: null, readOnly: true },
  both: { tools: new Set(["remote_shell", "remote_list_dir"]), readOnly: true },
};

const COLUMNS = ["remote_shell", "remote_read_file", "remote_list_dir"] as const;

/** What becomes of COLUMNS: a tool is allowed (+), denied (-) or does not exist (.). */
const MATRIX: readonly (readonly [string, Readonly<Record<string, string>>])[] = [
  ["default", { everything: "+++", "two tools": "+-+", "read only": "-++", both: "--+" }],
  ["anonymous", { everything: "+++", "two tools": "+-+", "read only": "-++", both: "--+" }],
  ["stdio", { everything: "+++", "two tools": "+-+", "read only": "-++", both: "--+" }],
  ["all", { everything: "+++", "two tools": "+-+", "read only": "-++", both: "--+" }],
  ["two", { everything: "++.", "two tools": "+-.", "read only": "-+.", both: "--." }],
  ["reader", { everything: ".++", "two tools": ".-+", "read only": ".++", both: ".-+" }],
  ["one", { everything: "..+", "two tools": "..+", "read only": "..+", both: "..+" }],
  ["here", { everything: "+++", "two tools": "+-+", "read only": "-++", both: "--+" }],
  ["elsewhere", { everything: "...", "two tools": "...", "read only": "...", both: "..." }],
  ["nobody", { everything: "...", "two tools": "...", "read only": "...", both: "..." }],
];

async function judge(principal: string, rules: ToolRules, name: ToolName): Promise<string> {
  const hosts = [labHost({ name: "tesla", rules }), labHost({ name: "curie" })];
  const { call, delivered } = open({ hosts, clients: CLIENTS });
  const result = await call(principal, name, { host: "tesla" });
  if (result === null) return ".";
  if (delivered.length > 0) return "+";
  assert.equal(result.isError, true);
  assert.equal(result.structuredContent?.outcome, "not_delivered");
  return textOf(result).startsWith('Error: unknown host "tesla"') ? "." : "-";
}

for (const [principal, row] of MATRIX) {
  for (const [what, expected] of Object.entries(row)) {
    Deno.test(`createAccess() gives ${principal}, where a host allows ${what}: ${expected}`, async () => {
      const rules = HOST_RULES[what];
      assert.ok(rules);
      const verdicts = await Promise.all(COLUMNS.map((name) => judge(principal, rules, name)));
      assert.equal(verdicts.join(""), expected);
    });
  }
}

Deno.test("createAccess() says of a denied call what is allowed, and to whom", async () => {
  const hosts = [labHost({ name: "tesla", rules: { tools: null, readOnly: true } })];
  const { call } = open({ hosts, clients: CLIENTS });
  const denied = async (principal: string) =>
    textOf(await call(principal, "remote_shell", { host: "tesla" }));
  assert.equal(
    await denied("default"),
    'Error: remote_shell is not allowed on "tesla", where you may use ' +
      "remote_read_file, remote_jobs, remote_list_dir, remote_search_files, remote_tools alone",
  );
  assert.equal(
    await denied("two"),
    'Error: remote_shell is not allowed on "tesla", where you may use remote_read_file alone',
  );
});

Deno.test("createAccess() says where nothing is allowed at all", async () => {
  const rules = { tools: new Set(["remote_edit_file"]), readOnly: false };
  const { call } = open({ hosts: [labHost({ name: "tesla", rules })], clients: CLIENTS });
  assert.equal(
    textOf(await call("two", "remote_shell", { host: "tesla" })),
    'Error: remote_shell is not allowed on "tesla", where you may use no tool',
  );
});

Deno.test("createAccess() reveals nothing of a host that a client may not see", async () => {
  const { call } = open({
    hosts: [labHost({ name: "tesla1" }), labHost({ name: "tesla2" })],
    clients: [client("ann", {}, ["tesla1"])],
  });
  const error = async (principal: string, host: string) =>
    textOf(await call(principal, "remote_shell", { host }));
  const hint = '; did you mean "tesla1"?';
  assert.equal(
    await error("ann", "tesla2"),
    `Error: unknown host "tesla2"${hint}`,
  );
  assert.equal(
    await error("ann", "tesla3"),
    `Error: unknown host "tesla3"${hint}`,
  );
  assert.equal(
    await error("default", "tesla3"),
    'Error: unknown host "tesla3" (registry: /r.toml); did you mean "tesla1" or "tesla2"?',
  );
});

Deno.test("createAccess() leaves of groups what a client may see, and of the others not a hint", async () => {
  const { call, access } = open({
    hosts: ["a1", "a2", "b1"].map((name) => labHost({ name })),
    clients: [client("ann", {}, ["a1"])],
    groups: { some: ["a1", "a2"], secret: ["a2", "b1"] },
  });
  const list = async (principal: string, targets: string) =>
    textOf(await call(principal, "remote_list_hosts", { targets })).replace(/ UP .*/g, "").trim();
  assert.equal((await list("ann", "@some")).split(/\s+/)[0], "a1");
  assert.equal((await list("ann", "@some")).split("\n").length, 1);
  for (const targets of ["@secret", "@secre", "@nothing"]) {
    assert.equal(await list("ann", targets), `Error: unknown tag or group "${targets}"`);
  }
  assert.equal((await list("default", "@secret")).split("\n").length, 2);
  assert.deepEqual([...access.hostsFor("ann").groups], [["some", new Set(["a1"])]]);
  assert.deepEqual([...access.hostsFor("nobody").groups], []);
  for (const tool of ["remote_wait", "remote_jobs"] as const) {
    assert.match(
      textOf(await call("ann", tool, { targets: "@secret" })),
      /^Error: unknown tag or group "@secret"$/,
    );
  }
});

Deno.test("createAccess() shows the registry's path to operators alone, whatever the tool", async () => {
  const rules = { tools: new Set(["remote_shell"]), readOnly: false };
  const { call } = open({
    hosts: [labHost({ name: "tesla" }), labHost({ name: "bound", rules })],
    clients: [client("ann", {}), client("ben", {}, ["tesla", "bound"])],
    problems: ["/r.toml:1: error: nonsense"],
  });
  for (const tool of TOOL_NAMES) {
    for (const host of ["unknown", "tesla", "bound"]) {
      for (const principal of ["ann", "ben", "stranger"]) {
        const result = await call(principal, tool, { host, tool: "backup" });
        assert.doesNotMatch(JSON.stringify(result), /r\.toml/, `${principal}: ${tool} on ${host}`);
      }
    }
  }
  const shown = await call("default", "remote_shell", { host: "unknown" });
  assert.match(textOf(shown), /\(registry: \/r\.toml\)/);
});

Deno.test("createAccess() lists the hosts that exist for a client, and looks at no other", async () => {
  const { call } = open({
    hosts: [labHost({ name: "b" }), labHost({ name: "a" }), labHost({ name: "c" })],
    clients: [client("ann", { readOnly: true }, ["a", "c"])],
  });
  const names = async (principal: string) => {
    const result = await call(principal, "remote_list_hosts");
    return textOf(result).split("\n").map((line) => line.slice(0, 1));
  };
  assert.deepEqual(await names("ann"), ["a", "c"]);
  assert.deepEqual(await names("default"), ["a", "b", "c"]);
});

Deno.test("createAccess() shows the registry's problems in full to none of its clients", async () => {
  const problem = "/r.toml:2: error: hosts.hidden.ssh_host: must be a text in quotes";
  const { call, access } = open({ hosts: [], clients: CLIENTS, problems: [problem] });
  const problemsFor = async (principal: string) =>
    (await call(principal, "remote_list_hosts"))?.structuredContent?.registry_problems;
  for (const principal of ["default", "anonymous", "stdio"]) {
    assert.deepEqual(await problemsFor(principal), [problem]);
  }
  assert.match(String(await problemsFor("all")), /^The hub uses an older state of its registry/);
  assert.doesNotMatch(String(access.problemsFor("nobody")), /hidden/);
  const well = open({ hosts: [], clients: CLIENTS });
  assert.deepEqual([well.access.problemsFor("default"), well.access.problemsFor("all")], [[], []]);
});

Deno.test("createAccess() returns the same array for the same set of tools", () => {
  const { access, tools } = open({
    hosts: [],
    clients: [
      client("a", { readOnly: true }),
      client("b", { readOnly: true }, []),
      client("c", { tools: new Set(TOOL_NAMES) }),
    ],
  });
  assert.equal(access.toolsFor("default"), tools);
  assert.equal(access.toolsFor("c"), tools);
  assert.equal(access.toolsFor("a"), access.toolsFor("b"));
  assert.notEqual(access.toolsFor("a"), tools);
});

Deno.test("TOOL_NAMES names the hub's tools in the order in which they are listed", () => {
  assert.deepEqual(open({ hosts: [] }).tools.map(({ name }) => name), TOOL_NAMES);
});

Deno.test("no undeclared argument leaves the hub for a client, or with a tool that only reads", async () => {
  const hub = open({ hosts: [labHost({ name: "a" })], clients: [client("ann", {})] });
  const send = async (principal: string, tool: ToolName, args: Record<string, string>) =>
    textOf(await hub.call(principal, tool, { host: "a", ...args }));
  const refusal = /^Error: unknown `write` parameter \(accepted: `/;
  assert.match(await send("ann", "remote_shell", { command: "c", write: "true" }), refusal);
  assert.match(await send("ann", "remote_read_file", { path: "/p", write: "true" }), refusal);
  assert.match(await send("default", "remote_read_file", { path: "/p", write: "true" }), refusal);
  assert.deepEqual(hub.delivered, []);
  await send("default", "remote_shell", { command: "c", write: "true" });
  assert.equal(hub.delivered.length, 1);
});
