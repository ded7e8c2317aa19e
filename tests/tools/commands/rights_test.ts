import assert from "node:assert/strict";
import type { Client } from "../../../lib/fleet/client.ts";
import { TOOL_NAMES } from "../../../lib/fleet/rules.ts";
import { client, commandsOf, HOSTS, openWorld } from "./world.ts";

const COMMANDS = await commandsOf(`
[commands.restart]
run = ["systemctl", "restart", "--", "{unit}"]
args.unit = "[a-z]+"
hosts = ["web1", "web2"]
timeout = 300
[commands.disk]
run = ["df", "-h"]
read_only = true
[commands.backup]
run = ["backup"]
hosts = ["db1"]
`);

const LIMITED = { commands: new Set(["restart", "disk"]) };
const READ_ONLY = { tools: null, readOnly: true };
const CLIENTS = [
  client("free"),
  client("limited", LIMITED),
  client("reader", { rules: READ_ONLY }),
  client("limited_reader", { rules: READ_ONLY, commands: new Set(["disk", "restart"]) }),
  client("db", { hosts: new Set(["db1"]), commands: new Set(["restart", "disk", "backup"]) }),
  client("nothing", { commands: new Set(["gone"]) }),
  client("lister", { rules: { tools: new Set(["remote_list_hosts"]), readOnly: false } }),
];

const RESTART = { name: "restart", args: { unit: "nginx" } };
const LINE = "(exec 'systemctl' 'restart' '--' 'nginx')";

const EXIST: Readonly<Record<string, readonly string[]>> = {
  default: ["restart", "disk", "backup"],
  free: ["restart", "disk", "backup"],
  limited: ["restart", "disk"],
  reader: [],
  limited_reader: ["disk"],
  db: ["disk", "backup"],
  nothing: [],
  lister: [],
  stranger: [],
};

for (const [principal, names] of Object.entries(EXIST)) {
  Deno.test(`createAccess() has commands for ${principal}: ${names.join(", ")}`, () => {
    const { access } = openWorld({ commands: COMMANDS, clients: CLIENTS });
    assert.deepEqual([...access().commandsFor(principal).commands.keys()], names);
    const run = access().toolsFor(principal).find(({ name }) => name === "remote_run");
    assert.equal(run !== undefined, names.length > 0);
    for (const [name] of COMMANDS) {
      const isShown = run?.description.includes(`${name}(`) ?? false;
      assert.equal(isShown, names.includes(name), name);
    }
  });
}

Deno.test("createAccess() gives a client with commands no tool that runs a text", () => {
  const { access } = openWorld({ commands: COMMANDS, clients: CLIENTS });
  const names = access().toolsFor("limited").map(({ name }) => name);
  const gone = TOOL_NAMES.filter((name) => !names.includes(name));
  assert.deepEqual(gone, ["remote_shell", "remote_shell_bg", "remote_call_tool"]);
  for (const tool of [...gone, "remote_run"] as const) {
    for (const host of HOSTS) {
      assert.notEqual(access().findRefusal("limited", { tool, host }), null, tool);
      assert.equal(access().findRefusal("free", { tool, host }), null, tool);
    }
  }
});

Deno.test("createAccess() leaves remote_run as it is where there are no commands", () => {
  const { access, tools } = openWorld({ commands: undefined, clients: CLIENTS });
  assert.equal(access().toolsFor("default"), tools);
  assert.equal(access().toolsFor("free"), tools);
});

Deno.test("createAccess() lists the same array for clients with the same commands", () => {
  const { access } = openWorld({
    commands: COMMANDS,
    clients: [...CLIENTS, client("limited2", LIMITED)],
  });
  assert.equal(access().toolsFor("limited"), access().toolsFor("limited2"));
  assert.equal(access().toolsFor("default"), access().toolsFor("free"));
});

Deno.test("remote_run runs a named command as data, one word for each argument", async () => {
  const { call, sent } = openWorld({ commands: COMMANDS, clients: CLIENTS });
  for (const principal of ["default", "free", "limited"]) {
    const { isError, record } = await call(principal, "remote_run", {
      targets: "web1",
      ...RESTART,
    });
    assert.deepEqual([isError, record.hosts], [false, ["web1"]]);
  }
  assert.deepEqual(
    sent,
    Array(3).fill({ host: "web1", args: { command: LINE, timeout: 300 } }),
  );
});

const REFUSED:
  readonly (readonly [principal: string, args: Record<string, unknown>, text: string])[] = [
    ["free", {}, "missing `command` parameter, or `name` of a named command"],
    ["free", { command: "id", name: "disk" }, "give `command` or `name`, not both"],
    ["free", { command: "id", args: {} }, "`args` goes with `name`, not with `command`"],
    ["free", { name: "disk", cwd: "/" }, "`cwd` goes with `command`, not with `name`"],
    ["free", { name: "dsk" }, 'unknown command "dsk"; did you mean "disk"?'],
    ["free", { name: "restart" }, "missing `unit` in `args` ([a-z]+)"],
    ["db", { name: "restart", args: { unit: "a" } }, 'unknown command "restart"'],
    ["limited", { name: "backup" }, 'unknown command "backup"'],
    ["limited", { name: "bakup" }, 'unknown command "bakup"'],
    ["limited_reader", RESTART, 'unknown command "restart"'],
    [
      "limited",
      { targets: "@all", ...RESTART },
      'the command "restart" is not for "db1", but for web[1-2]',
    ],
  ];

for (const [principal, args, text] of REFUSED) {
  Deno.test(`remote_run refuses ${principal} ${JSON.stringify(args)}`, async () => {
    const { call, sent } = openWorld({ commands: COMMANDS, clients: CLIENTS });
    const answer = await call(principal, "remote_run", { targets: "db1", ...args });
    assert.deepEqual([answer.text, answer.isError, sent], [`Error: ${text}`, true, []]);
  });
}

Deno.test("remote_run names of a command's hosts those that its caller sees", async () => {
  const { call } = openWorld({
    commands: COMMANDS,
    clients: [client("ann", { hosts: new Set(["web1", "db1"]) })],
  });
  const { text } = await call("ann", "remote_run", { targets: "@all", ...RESTART });
  assert.equal(text, 'Error: the command "restart" is not for "db1", but for web1');
});

Deno.test("remote_run runs on a read-only host what is read_only, and lets no other rule be passed over", async () => {
  const hosts = HOSTS.map((host) =>
    host.name === "web1"
      ? { ...host, rules: READ_ONLY }
      : host.name === "web2"
      ? { ...host, rules: { tools: new Set(["remote_read_file"]), readOnly: false } }
      : host
  );
  const { call, sent } = openWorld({ commands: COMMANDS, clients: CLIENTS, hosts });
  for (const principal of ["default", "limited", "limited_reader"]) {
    assert.equal(
      (await call(principal, "remote_run", { targets: "web1", name: "disk" })).isError,
      false,
    );
    const { text } = await call(principal, "remote_run", { targets: "web2", name: "disk" });
    assert.match(text, /^Error: remote_run is not allowed on "web2"/);
  }
  const { text } = await call("default", "remote_run", { targets: "web1", ...RESTART });
  assert.match(text, /^Error: remote_run is not allowed on "web1"/);
  assert.match(
    (await call("default", "remote_run", { targets: "web1", command: "id" })).text,
    /^Error: remote_run is not allowed on "web1"/,
  );
  assert.equal(sent.length, 3);
});

const TIMEOUTS:
  readonly (readonly [client: Partial<Client>, timeout: number | undefined, number])[] = [
    [{}, undefined, 300],
    [{}, 5, 5],
    [{}, 1_000, 300],
    [{ maxTimeoutMs: 600_000 }, undefined, 300],
    [{ maxTimeoutMs: 200_000 }, undefined, 200],
    [{ maxTimeoutMs: 200_000 }, 10, 10],
  ];

for (const [parts, timeout, seconds] of TIMEOUTS) {
  Deno.test(`remote_run runs a command of 300 s for ${seconds} s: ${JSON.stringify([parts, timeout])}`, async () => {
    const { call, sent } = openWorld({
      commands: COMMANDS,
      clients: [client("ann", { ...LIMITED, ...parts })],
    });
    await call("ann", "remote_run", { targets: "web1", ...RESTART, ...(timeout && { timeout }) });
    assert.deepEqual(sent, [{ host: "web1", args: { command: LINE, timeout: seconds } }]);
  });
}

Deno.test("remote_run of a named command takes check, batch, dry_run and expect as any other", async () => {
  const { call, sent } = openWorld({ commands: COMMANDS, clients: CLIENTS });
  const args = { targets: "web*", ...RESTART };
  const plan = await call("limited", "remote_run", { ...args, dry_run: true });
  assert.match(plan.text, /^dry run, nothing was run: 2 hosts/);
  assert.match(
    (await call("limited", "remote_run", { ...args, expect: 3 })).text,
    /is 2 hosts, not 3/,
  );
  assert.deepEqual(sent, []);
  await call("default", "remote_run", { ...args, batch: "1", check: "true" });
  assert.deepEqual(sent.map(({ host, args }) => [host, Object(args).command]), [
    ["web1", LINE],
    ["web1", "true"],
    ["web2", LINE],
    ["web2", "true"],
  ]);
});

Deno.test("remote_run with dry_run says which hosts a command is not for", async () => {
  const { call } = openWorld({ commands: COMMANDS, clients: CLIENTS });
  const { text } = await call("limited", "remote_run", {
    targets: "@all",
    ...RESTART,
    dry_run: true,
  });
  assert.match(text, /^db1: REFUSED: the command "restart" is not for "db1", but for web\[1-2\]$/m);
});

const CHANGES: readonly (readonly [what: string, text: string, note: string])[] = [
  ["is gone", '[commands.disk]\nrun = ["df"]\n', 'unknown command "restart"'],
  [
    "is another one",
    '[commands.restart]\nrun = ["reboot", "{unit}"]\nargs.unit = "[a-z]+"\nhosts = ["web1", "web2"]\n',
    'the command "restart" was changed meanwhile',
  ],
];

for (const [what, text, note] of CHANGES) {
  Deno.test(`remote_run does not go on with a command that ${what} when a host's turn comes`, async () => {
    const changed = await commandsOf(text);
    const world = openWorld({
      commands: COMMANDS,
      clients: CLIENTS,
      onSent: () => world.change({ commands: changed }),
    });
    const args = { targets: "web*", ...RESTART, batch: "1", max_fail: 5 };
    const answer = await world.call("limited", "remote_run", args);
    assert.deepEqual(world.sent.map(({ host }) => host), ["web1"]);
    assert.match(answer.text, new RegExp(`^== web2: NOT RUN: ${note}`, "m"));
  });
}

Deno.test("remote_run goes on with a command that was only read again", async () => {
  const again = await commandsOf(`
[commands.restart]
run = ["systemctl", "restart", "--", "{unit}"]
args.unit = "[a-z]+"
hosts = ["web1", "web2"]
timeout = 300
`);
  const world = openWorld({
    commands: COMMANDS,
    clients: CLIENTS,
    onSent: () => world.change({ commands: again }),
  });
  await world.call("limited", "remote_run", { targets: "web*", ...RESTART, batch: "1" });
  assert.deepEqual(world.sent.map(({ host }) => host), ["web1", "web2"]);
});
