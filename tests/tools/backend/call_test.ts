import assert from "node:assert/strict";
import type { Dispatch } from "../../../lib/fleet/dispatch.ts";
import type { Host } from "../../../lib/fleet/host.ts";
import { ALL_TOOLS, USED_TOOLS } from "../../../lib/fleet/rules.ts";
import type { Call, Work } from "../../../lib/fleet/transport.ts";
import { backendGives } from "../dispatches.ts";
import { createCaller, TARGET } from "../tool_calls.ts";
import { createFakeInventory, type Says } from "./fake_inventory.ts";

const SCHEMA = {
  type: "object",
  properties: { unit: { type: "string", description: "Name of the unit" } },
  required: ["unit"],
  additionalProperties: false,
};
const RESTART = { name: "restart", inputSchema: SCHEMA };

/** Calls `remote_call_tool` on a host, over a dispatcher that notes what it is given. */
function open(
  parts: Partial<Host> = { callTools: null },
  says: Says = [RESTART, { name: "free" }],
) {
  const dispatched: (readonly [Work, Call])[] = [];
  const dispatch: Dispatch = (host, work, call) => {
    dispatched.push([work, call]);
    return backendGives({ content: [{ type: "text", text: "done" }] })(host, work, call);
  };
  const inventory = createFakeInventory(() => says);
  const call = createCaller({ dispatch, inventory, hosts: [{ ...TARGET, ...parts }] });
  return {
    dispatched,
    inventory,
    call: (args: Readonly<Record<string, unknown>>) =>
      call("remote_call_tool", { host: TARGET.name, ...args }),
  };
}

Deno.test("remote_call_tool has the host's backend do it, with the arguments as they are", async () => {
  const { call, dispatched } = open();
  const args = { tool: "restart", arguments: { unit: "nginx" }, timeout: 7 };
  const { text, structured } = await call(args);
  assert.equal(text, "done");
  assert.deepEqual([structured.outcome, structured.via, structured.text], ["ok", "lmcp", "done"]);
  assert.deepEqual(dispatched.map(([work]) => work), [{
    tool: "restart",
    args: { unit: "nginx" },
    declared: [],
    readOnly: false,
    runMs: 7_000,
    payloadBytes: 16,
    maxAnswerBytes: 16 * 1024 * 1024,
    procedure: null,
  }]);
});

Deno.test("remote_call_tool sends an empty object where no arguments are given", async () => {
  const { call, dispatched } = open();
  await call({ tool: "free" });
  await call({ tool: "free", arguments: null });
  assert.deepEqual(dispatched.map(([{ args }]) => args), [{}, {}]);
});

const MAY_NOT = 'may not be called on "target": ';
const OPERATOR = "; the hub's operator can allow it: ";
const REFUSALS: readonly (readonly [Partial<Host>, object, string])[] = [
  [
    {},
    { tool: "restart" },
    `"restart" ${MAY_NOT}calls of its own tools are off there${OPERATOR}` +
    'call_tools = ["restart"] in [hosts.target] of a registry in TOML',
  ],
  [
    { callTools: new Set(["free", "other"]) },
    { tool: "restart" },
    `"restart" ${MAY_NOT}its call_tools allows free, other alone${OPERATOR}` +
    'call_tools = ["restart"] in [hosts.target] of a registry in TOML',
  ],
  [
    { callTools: null },
    { tool: "two words" },
    'no tool can be named "two words"',
  ],
  [
    { callTools: null },
    { tool: "restrat" },
    'no tool "restrat" on "target"; did you mean "restart"?',
  ],
  [
    { callTools: null },
    { tool: "nothing" },
    'no tool "nothing" on "target": remote_tools lists those there are',
  ],
  [
    { callTools: null },
    { tool: "restart", arguments: { unit: 5, all: true } },
    '"restart" on "target" was not called: ' +
    "bad `unit` parameter: 5 is not a string (string: Name of the unit); " +
    "unknown `all` parameter (accepted: `unit`); " +
    "remote_tools with this host and tool shows its schema",
  ],
  [
    { callTools: null },
    { tool: "restart" },
    '"restart" on "target" was not called: missing `unit` parameter (string: Name of the unit); ' +
    "remote_tools with this host and tool shows its schema",
  ],
  [
    { callTools: null, rules: { tools: null, readOnly: true } },
    { tool: "free" },
    'remote_call_tool is not allowed on "target", where you may use ' +
    "remote_read_file, remote_jobs, remote_list_dir, remote_search_files, remote_tools alone",
  ],
  [
    { callTools: null, rules: { ...ALL_TOOLS, tools: new Set(["remote_tools"]) } },
    { tool: "free" },
    'remote_call_tool is not allowed on "target", where you may use remote_tools alone',
  ],
];

for (const [parts, args, expected] of REFUSALS) {
  Deno.test(`remote_call_tool refuses: ${expected.slice(0, 100)}`, async () => {
    const { call, dispatched } = open(parts);
    const { text, isError, structured } = await call({ ...args });
    assert.equal(text, `Error: ${expected}`);
    assert.deepEqual([isError, structured.outcome], [true, "not_delivered"]);
    assert.deepEqual(dispatched, []);
  });
}

for (const [name, tool] of USED_TOOLS) {
  Deno.test(`remote_call_tool does not call ${name}, whatever is allowed`, async () => {
    const { call, dispatched, inventory } = open({ callTools: null }, [{ name }]);
    const { text } = await call({ tool: name });
    assert.equal(text, `Error: "${name}" is not for remote_call_tool: use ${tool}`);
    assert.deepEqual([dispatched, inventory.asked], [[], []]);
  });
}

Deno.test("remote_call_tool does not ask a host whose tool it may not call", async () => {
  const { call, inventory } = open({});
  await call({ tool: "restart" });
  assert.deepEqual(inventory.asked, []);
});

Deno.test("remote_call_tool calls nothing where the tools cannot be listed", async () => {
  const { call, dispatched } = open({ callTools: null }, "connect: timeout");
  const { text, structured } = await call({ tool: "free" });
  assert.equal(text, "Error: lmcp: connect: timeout\nIt did not run.");
  assert.deepEqual([structured.outcome, structured.error], [
    "not_delivered",
    "lmcp: connect: timeout",
  ]);
  assert.deepEqual(dispatched, []);
});

Deno.test("remote_call_tool leaves to the backend what its schema does not let the hub check", async () => {
  const odd = { type: "object", properties: { a: { type: "string", pattern: "^(x+)+$" } } };
  const { call, dispatched } = open({ callTools: null }, [{ name: "odd", inputSchema: odd }]);
  await call({ tool: "odd", arguments: { a: "y" } });
  assert.equal(dispatched.length, 1);
});

const BAD_ARGUMENTS = [
  [
    { tool: "free", arguments: '{"unit":"x"}' },
    /^Error: bad `arguments` parameter: .*not an object/,
  ],
  [{ tool: "free", arguments: [] }, /^Error: bad `arguments` parameter: .*not an object/],
  [{ tool: "x".repeat(129) }, /^Error: bad `tool` parameter/],
  [{ tool: "free", timeout: 0 }, /^Error: bad `timeout` parameter: 0: it is not above 0/],
  [{}, /^Error: missing `tool` parameter/],
  [
    { tool: "free", unit: "nginx" },
    /^Error: unknown `unit` parameter \(accepted: `host`, `tool`, `arguments`, `timeout`, `key`\)$/,
  ],
] as const;

for (const [args, expected] of BAD_ARGUMENTS) {
  Deno.test(`remote_call_tool refuses its own arguments: ${expected.source.slice(0, 60)}`, async () => {
    const { call, inventory } = open();
    assert.match((await call(args)).text, expected);
    assert.deepEqual(inventory.asked, []);
  });
}
