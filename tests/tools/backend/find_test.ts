import assert from "node:assert/strict";
import type { Host } from "../../../lib/fleet/host.ts";
import { ALL_TOOLS, USED_TOOLS } from "../../../lib/fleet/rules.ts";
import { labHost } from "../../lab/host.ts";
import { createCaller } from "../tool_calls.ts";
import { createFakeInventory, type Says } from "./fake_inventory.ts";

/** A host with a backend; by default all of the backend's own tools may be called. */
function host(name: string, parts: Partial<Host> = {}): Host {
  const { token: _, ...rest } = {
    ...labHost(),
    lmcpUrl: "http://b/mcp",
    callTools: null,
    ...parts,
  };
  return { ...rest, name, token: null };
}

/** Calls `remote_tools` in a fleet in which each host says something. */
function open(
  fleet: Readonly<Record<string, Says>>,
  parts: Readonly<Record<string, Partial<Host>>> = {},
) {
  const hosts = Object.keys(fleet).map((name) => host(name, parts[name]));
  const inventory = createFakeInventory(({ name }) => fleet[name] ?? "unknown host");
  const call = createCaller({ hosts, inventory });
  return {
    inventory,
    find: (args: Readonly<Record<string, unknown>> = {}) => call("remote_tools", args),
    textOf: async (args: Readonly<Record<string, unknown>> = {}) =>
      (await call("remote_tools", args)).text,
  };
}

const BACKUP = { name: "backup", description: "Backs up the disk" };
const INFO = { name: "info", description: "CPU and memory" };

Deno.test("remote_tools folds equal tools of different hosts, by name", async () => {
  const { find } = open({ c: [INFO, BACKUP], a: [BACKUP], b: [BACKUP] });
  const { text, structured, isError } = await find();
  assert.equal(
    text,
    "backup: a, b, c (3 hosts)\n  Backs up the disk\ninfo: c (1 host)\n  CPU and memory",
  );
  assert.equal(isError, false);
  assert.deepEqual(structured, {
    tools: [
      {
        name: "backup",
        description: "Backs up the disk",
        hosts: ["a", "b", "c"],
        callable_on: ["a", "b", "c"],
        input_schema: null,
      },
      {
        name: "info",
        description: "CPU and memory",
        hosts: ["c"],
        callable_on: ["c"],
        input_schema: null,
      },
    ],
    no_answer: [],
    error: null,
  });
});

Deno.test("remote_tools keeps tools apart that share a name alone", async () => {
  const other = { name: "backup", description: "Something else" };
  const { textOf } = open({ a: [other], b: [BACKUP], c: [BACKUP] });
  assert.equal(
    await textOf(),
    "backup: b, c (2 hosts)\n  Backs up the disk\nbackup: a (1 host)\n  Something else",
  );
});

Deno.test("remote_tools leaves out the tools that the hub's own tools use", async () => {
  const used = [...USED_TOOLS.keys()].map((name) => ({ name }));
  const { textOf, find } = open({ a: [...used, { name: "own" }], b: used });
  assert.equal(await textOf(), "own: a (1 host)");
  for (const [name, tool] of USED_TOOLS) {
    const { text, isError } = await find({ tool: name });
    assert.deepEqual([text, isError], [`Error: "${name}" is what ${tool} is for`, true]);
  }
});

const LONG = `${"long ".repeat(100)}end`;

Deno.test("remote_tools cuts a description in the list, and shows it whole with tool", async () => {
  const { textOf } = open({ a: [{ name: "x", description: LONG, inputSchema: {} }] });
  const [, description = ""] = (await textOf()).split("\n  ");
  assert.equal([...description].length, 160);
  assert.ok(description.endsWith("…"));
  assert.equal(await textOf({ tool: "x" }), `x: a (1 host)\n  ${LONG}\n  input schema: {}`);
});

const QUERIES: readonly (readonly [query: string, found: readonly string[]])[] = [
  ["", ["backup", "info", "restart_unit"]],
  ["  , ", ["backup", "info", "restart_unit"]],
  ["backup", ["backup"]],
  ["DISK", ["backup"]],
  ["up disk", ["backup"]],
  ["memory-cpu", ["info"]],
  ["disk memory", []],
  ["unit", ["restart_unit"]],
  ["end", ["restart_unit"]],
];

for (const [query, found] of QUERIES) {
  Deno.test(`remote_tools finds ${found.join() || "nothing"} for the query ${JSON.stringify(query)}`, async () => {
    const unit = { name: "restart_unit", description: LONG };
    const { find } = open({ a: [BACKUP, INFO, unit] });
    const { text, structured } = await find({ query });
    const { tools } = structured;
    assert.ok(Array.isArray(tools));
    assert.deepEqual(tools.map(({ name }) => name), found);
    if (found.length > 0) return;
    assert.equal(text, `no tool matches "${query}" (hosts that answered: 1)`);
  });
}

Deno.test("remote_tools returns one tool's schema whole, as its backend has it", async () => {
  const inputSchema = {
    type: "object",
    properties: { "a\u202e": { type: "string", pattern: "^\x1b$", "x-odd": [1, { b: null }] } },
  };
  const { find } = open({ a: [{ name: "x", inputSchema }, BACKUP], b: [{ name: "x" }] });
  const { text, structured } = await find({ tool: "x" });
  assert.equal(
    text,
    'x: a (1 host)\n  input schema: {"type":"object","properties":{"a\\u202e":' +
      '{"type":"string","pattern":"^\\u001b$","x-odd":[1,{"b":null}]}}}\n' +
      "x: b (1 host)\n  input schema: none is given",
  );
  const { tools } = structured;
  assert.ok(Array.isArray(tools));
  assert.deepEqual(JSON.parse(tools[0].input_schema), inputSchema);
  assert.equal(tools[1].input_schema, null);
});

Deno.test("remote_tools does not show a schema that is too long", async () => {
  const { find } = open({ a: [{ name: "x", inputSchema: { title: "y".repeat(20_000) } }] });
  const { text, structured } = await find({ tool: "x" });
  assert.equal(text, "x: a (1 host)\n  input schema: too long to show, 20012 characters");
  assert.match(JSON.stringify(structured), /"input_schema":null/);
});

Deno.test("remote_tools says where a tool may be called, if not everywhere", async () => {
  const { find } = open({ a: [BACKUP, INFO], b: [BACKUP], c: [BACKUP], d: [BACKUP] }, {
    a: { callTools: new Set() },
    b: { callTools: new Set(["backup"]) },
    c: { rules: { tools: null, readOnly: true } },
    d: { rules: { ...ALL_TOOLS, tools: new Set(["remote_tools"]) } },
  });
  const { text, structured } = await find();
  assert.equal(
    text,
    "backup: a, b, c, d (4 hosts; calls allowed on 1: b)\n  Backs up the disk\n" +
      "info: a (1 host; calls not allowed)\n  CPU and memory",
  );
  assert.match(JSON.stringify(structured), /"callable_on":\["b"\].*"callable_on":\[\]/);
});

Deno.test("remote_tools names the hosts that did not answer, by reason", async () => {
  const { find } = open({
    a: "timeout",
    b: [BACKUP],
    c: "http 500: bad luck",
    d: "timeout",
  });
  const { text, structured, isError } = await find();
  assert.equal(
    text,
    "backup: b (1 host)\n  Backs up the disk\n" +
      "no answer: a, d (timeout); c (http 500: bad luck)",
  );
  assert.equal(isError, false);
  assert.deepEqual(structured.no_answer, [
    { host: "a", error: "timeout" },
    { host: "c", error: "http 500: bad luck" },
    { host: "d", error: "timeout" },
  ]);
});

Deno.test("remote_tools asks the host that is named, and no other", async () => {
  const { find, inventory } = open({ a: [BACKUP], b: [INFO], c: "timeout" });
  assert.equal((await find({ host: "b" })).text, "info: b (1 host)\n  CPU and memory");
  const { text, isError, structured } = await find({ host: "c" });
  assert.deepEqual([text, isError, structured.error], [
    "Error: lmcp: timeout",
    true,
    "lmcp: timeout",
  ]);
  assert.deepEqual(inventory.asked, ["b", "c"]);
  const unknown = await find({ host: "d" });
  assert.match(unknown.text, /^Error: unknown host "d" /);
  assert.deepEqual(inventory.asked, ["b", "c"]);
});

Deno.test("remote_tools takes an empty argument for none", async () => {
  const { textOf } = open({ a: [BACKUP] });
  assert.equal(await textOf({ host: "", query: "", tool: "" }), await textOf());
  assert.equal(await textOf({ host: null, query: null, tool: null }), await textOf());
});

Deno.test("remote_tools asks no host that has ssh alone, or that forbids it", async () => {
  const { find, inventory } = open({ a: [BACKUP], b: [BACKUP], c: [BACKUP] }, {
    b: { lmcpUrl: null },
    c: { rules: { ...ALL_TOOLS, tools: new Set(["remote_shell"]) } },
  });
  assert.equal(
    (await find()).text,
    "backup: a (1 host)\n  Backs up the disk\nno answer: c (remote_tools is not allowed there)",
  );
  const { text } = await find({ host: "c" });
  assert.match(text, /^Error: remote_tools is not allowed on "c", where you may use remote_shell/);
  assert.deepEqual(inventory.asked, ["a"]);
});

const NOTHING: readonly (readonly [Readonly<Record<string, Says>>, object, string])[] = [
  [{}, {}, "no host said what tools it has"],
  [{ a: "timeout" }, {}, "no host said what tools it has\nno answer: a (timeout)"],
  [
    { a: [], b: [{ name: "shell" }] },
    {},
    "no tools beyond those that the other remote_* tools use (hosts that answered: 2)",
  ],
  [
    { a: [BACKUP], b: [{ name: "bakups" }] },
    { tool: "bakup" },
    'no tool "bakup" (hosts that answered: 2); did you mean "backup" or "bakups"?',
  ],
  [{ a: [BACKUP] }, { tool: "zzz" }, 'no tool "zzz" (hosts that answered: 1)'],
];

for (const [fleet, args, expected] of NOTHING) {
  Deno.test(`remote_tools says: ${expected}`, async () => {
    assert.equal(await open(fleet).textOf({ ...args }), expected);
  });
}

Deno.test("remote_tools keeps a long list short, and says how to see the rest", async () => {
  const tools = Array.from({ length: 400 }, (_, index) => ({
    name: `tool${String(index).padStart(3, "0")}`,
    description: LONG,
  }));
  const fleet = Object.fromEntries(Array.from({ length: 30 }, (_, index) => [`h${index}`, tools]));
  const { text, structured } = await open(fleet).find();
  assert.ok(text.length < 21_000, String(text.length));
  assert.match(text, /^tool000: h0, h1, h10, h11, h12, h13, h14, h15 and 22 more \(30 hosts\)\n/);
  assert.match(text, /\n\d+ more: narrow the list with query or host$/);
  assert.ok(Array.isArray(structured.tools));
  assert.equal(structured.tools.length, 400);
});
