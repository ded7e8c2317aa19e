import assert from "node:assert/strict";
import { createToolTables } from "../../../lib/mcp/table.ts";
import { createProfiles } from "../../../lib/tools/profiles.ts";
import { at } from "../../mcp/wire.ts";
import { outputOptions } from "../../outputs/options.ts";
import { findFaults } from "../listed/faults.ts";
import { client, commandsOf, openWorld } from "./world.ts";

const FEW = await commandsOf(`
[commands.restart]
description = "Restart a service"
run = ["systemctl", "restart", "--", "{unit}"]
args.unit = "[a-z]+"
hosts = ["web1", "web2"]
[commands.logs]
run = ["journalctl", "--lines={lines}", "{order}"]
args = { lines = { min = 1, max = 500, default = 50 }, order = { values = ["-r"], optional = true } }
[commands.disk]
description = "Free space"
run = ["df"]
`);

const MANY = await commandsOf(
  Array.from(
    { length: 100 },
    (_, at) =>
      `[commands.command-${at}]\nrun = ["a", "{x}"]\ndescription = "Does ${at}"\nargs.x = "[a-z]+"\n`,
  )
    .join(""),
);

const CLIENTS = [
  client("bot", {
    commands: new Set([...FEW.keys(), ...MANY.keys()]),
    rules: {
      tools: new Set(["remote_list_hosts", "remote_run"]),
      readOnly: false,
    },
  }),
];

const toolsOf = createProfiles({
  ...outputOptions(),
  settings: { maxChars: 30_000, waitMs: 45_000 },
});
const tableOf = createToolTables({ name: "hub", version: "1.0.0" });

function listed(world: ReturnType<typeof openWorld>, principal: string) {
  const json = tableOf(toolsOf(world.access().toolsFor(principal), "text")).listJson.legacy;
  const tools = at(JSON.parse(json), "tools");
  assert.ok(Array.isArray(tools));
  const run: unknown = tools.find((tool) => at(tool, "name") === "remote_run");
  return { json, tools, run };
}

const LIST = `
Named commands (name, args):
restart(unit: [a-z]+): Restart a service (on web[1-2])
logs(lines?: 1..500, order?: -r)
disk(): Free space`;

Deno.test("remote_run lists named commands, with their arguments, to whoever may run them", () => {
  const world = openWorld({ commands: FEW, clients: CLIENTS });
  for (const principal of ["default", "bot"]) {
    assert.ok(String(at(listed(world, principal).run, "description")).endsWith(LIST), principal);
  }
  const names = (principal: string) =>
    Object.keys(Object(at(listed(world, principal).run, "inputSchema", "properties")));
  assert.deepEqual(names("default").slice(0, 5), ["targets", "command", "name", "args", "cwd"]);
  assert.deepEqual(names("bot"), [
    "targets",
    "name",
    "args",
    "timeout",
    "parallel",
    "batch",
    "max_fail",
    "expect",
    "dry_run",
    "key",
    "max_chars",
    "wait",
  ]);
  assert.deepEqual(at(listed(world, "bot").run, "inputSchema", "required"), ["targets", "name"]);
});

Deno.test("tools/list with named commands breaks no client, and stays short", () => {
  const without = listed(openWorld({ commands: undefined }), "default").json.length;
  for (const commands of [FEW, MANY]) {
    const world = openWorld({ commands, clients: CLIENTS });
    for (const principal of ["default", "bot"]) {
      const { tools } = listed(world, principal);
      assert.deepEqual(tools.flatMap(findFaults), []);
    }
    for (const profile of ["text", "structured"] as const) {
      const tools: unknown = JSON.parse(
        tableOf(toolsOf(world.access().toolsFor("default"), profile)).listJson.modern,
      );
      assert.deepEqual(Object(at(tools, "tools")).flatMap(findFaults), []);
    }
    assert.ok(listed(world, "default").json.length < without + 1_200);
  }
});

Deno.test("remote_run takes no longer messages with named commands", () => {
  const { access } = openWorld({ commands: FEW });
  const run = access().toolsFor("default").find(({ name }) => name === "remote_run");
  assert.equal(run?.maxMessageBytes, 1024 * 1024);
});

Deno.test("remote_tools shows those that have no room, and asks no host for whom it is only that", async () => {
  const world = openWorld({ commands: MANY, clients: CLIENTS });
  assert.match(
    String(at(listed(world, "bot").run, "description")),
    /\nNamed commands \(remote_tools shows their args\): command-0, command-1, .* and \d+ more$/,
  );
  const { text, structured } = await world.call("bot", "remote_tools", {});
  assert.equal(text.split("\n").length, 101);
  assert.match(
    text,
    /^named commands, for remote_run with name and args:\n {2}command-0\(x: \[a-z\]\+\): Does 0$/m,
  );
  assert.equal(Object(structured.commands).length, 100);
  const one = await world.call("bot", "remote_tools", { tool: "command-7" });
  assert.equal(one.text.split("\n").at(-1), "  command-7(x: [a-z]+): Does 7");
  const words = await world.call("bot", "remote_tools", { query: "does 59" });
  assert.equal(words.text.split("\n").length, 2);
  const none = await world.call("bot", "remote_tools", { query: "backup" });
  assert.equal(none.text, "no such named command");
  assert.deepEqual(world.asked, []);
});

Deno.test("remote_tools shows operators named commands beside what hosts offer", async () => {
  const world = openWorld({ commands: FEW });
  const { text } = await world.call("default", "remote_tools", {});
  assert.match(
    text,
    /^named commands[^]*\n {2}disk\(\): Free space\nbackup: db1, web1, web2 \(3 hosts/,
  );
  const onDb = await world.call("default", "remote_tools", { host: "db1" });
  assert.doesNotMatch(onDb.text, /restart/);
  const disk = await world.call("default", "remote_tools", { tool: "disk" });
  assert.equal(disk.text.split("\n").length, 2);
  const other = await world.call("default", "remote_tools", { tool: "backup" });
  assert.doesNotMatch(other.text, /named commands/);
});

Deno.test("remote_tools is no tool of a client whose commands are all described", () => {
  const { access } = openWorld({ commands: FEW, clients: CLIENTS });
  assert.deepEqual(access().toolsFor("bot").map(({ name }) => name), [
    "remote_list_hosts",
    "remote_run",
    "remote_output",
  ]);
});
