import assert from "node:assert/strict";
import { parseCommand } from "../../lib/cli/command.ts";
import { loadConfiguration, type LoadContext } from "../../lib/config/load.ts";
import { createLiveState } from "../../lib/hub/live.ts";
import { createLogger } from "../../lib/base/log.ts";
import { formatProblem } from "../../lib/base/problem.ts";
import { type FakeFile, fakeSources } from "../config/fake_sources.ts";

interface World {
  readonly env?: Readonly<Record<string, string>>;
  /** Change them to edit the files. */
  readonly files: Record<string, FakeFile>;
}

/** The live state of `/r.toml`, unless the environment names another registry. */
async function start({ env = {}, files }: World) {
  const sources = fakeSources({ env: { LMCP_HUB_BACKENDS: "/r.toml", ...env }, files });
  const command = parseCommand([]);
  assert.ok(command.mode === "serve");
  const load = (context: Partial<LoadContext>) =>
    loadConfiguration("serve", command.flags, sources, context);
  const { configuration, problems } = await load({});
  assert.deepEqual(problems.filter(({ severity }) => severity === "error"), []);
  const lines: string[] = [];
  const log = createLogger({
    format: "text",
    level: "info",
    write: (line) => lines.push(line.trimEnd().replace(/^\S+ /, "")),
    now: () => new Date(0),
  });
  const live = createLiveState(configuration, { load, log, tools: [] });
  return {
    live,
    reload: live.reload,
    host: (name: string) => live.current().configuration.registry.hosts.get(name),
    hosts: () => [...live.current().configuration.registry.hosts.keys()],
    problems: () => live.current().problems.map(formatProblem),
    /** The lines of the log since it was last read. */
    logged: () => lines.splice(0),
  };
}

const host = (name: string, field = 'tags = ["x"]') =>
  `[hosts.${name}]\nssh_host = "${name}"\n${field}\n`;

Deno.test("createLiveState() applies a sound change whole, and logs it", async () => {
  const files: World["files"] = { "/r.toml": host("a") + host("b") };
  const { live, reload, host: get, hosts, logged } = await start({ files });
  const [a, b] = [get("a"), get("b")];
  files["/r.toml"] = host("a") + host("b", "tags = []") + host("c");
  assert.notEqual(await live.findChange(), null);
  await reload();
  assert.equal(await live.findChange(), null);
  assert.deepEqual(hosts(), ["a", "b", "c"]);
  assert.equal(get("a"), a);
  assert.notEqual(get("b"), b);
  assert.deepEqual(logged(), ["INFO configuration reloaded registry=/r.toml hosts=3 clients=0"]);
});

Deno.test("createLiveState() keeps all it had while a file has an error", async () => {
  const files: World["files"] = { "/r.toml": host("a") };
  const { live, reload, hosts, problems, logged } = await start({ files });
  const { configuration } = live.current();
  files["/r.toml"] = host("a") + host("b") + host("c", "tags = 1");
  await reload();
  assert.equal(live.current().configuration, configuration);
  const problem = '/r.toml:9: error: hosts.c.tags: must be a list such as ["lab", "gpu"]';
  assert.deepEqual(problems(), [problem]);
  assert.deepEqual(logged(), [
    "ERROR configuration not reloaded, the older one stays " +
    `problems=${JSON.stringify([problem])}`,
  ]);
  assert.equal(await live.findChange(), null);
  files["/r.toml"] = host("a") + host("b");
  assert.notEqual(await live.findChange(), null);
  await reload();
  assert.deepEqual([hosts(), problems()], [["a", "b"], []]);
});

Deno.test("createLiveState() has calls wait for a person at once, whatever else is wrong in the file", async () => {
  const command = (confirm: string) => `[commands.up]\nrun = ["uptime"]\n${confirm}\n`;
  const rule = '[[confirm]]\nhosts = ["a"]\n';
  const sound = host("a") + command("") + "[[confirm]]\nmin_hosts = 2\n";
  const files: World["files"] = { "/r.toml": sound };
  const { live, reload, host: get } = await start({ files });
  const a = get("a");
  const asked = () => {
    const { confirm, commands } = live.current().configuration.registry;
    return [
      confirm?.map(({ hosts, minHosts }) => [...hosts ?? [], minHosts].join(" ")),
      commands?.get("up")?.mustBeConfirmed,
    ];
  };
  for (let time = 0; time < 2; time++) {
    files["/r.toml"] = host("a") + command("confirm = true") + rule + host("c", "tags = 1");
    await reload();
    assert.deepEqual(asked(), [["2", "a 1"], true]);
    assert.equal(get("a"), a);
  }
  files["/r.toml"] = `${sound}nonsense`;
  await reload();
  assert.deepEqual(asked(), [["2", "a 1"], true]);
  files["/r.toml"] = host("a") + command("confirm = true") + rule;
  await reload();
  assert.deepEqual(asked(), [["a 1"], true]);
  files["/r.toml"] = sound;
  await reload();
  assert.deepEqual(asked(), [["2"], false]);
});

Deno.test("createLiveState() applies a change with warnings, and logs them", async () => {
  const files: World["files"] = { "/r.toml": host("a") };
  const { reload, hosts, problems, logged } = await start({ files });
  files["/r.toml"] = "[hosts.b]\n";
  await reload();
  assert.deepEqual([hosts(), problems()], [["b"], []]);
  assert.match(logged().join(), /^WARN configuration reloaded, with warnings .*neither lmcp_url/);
});

Deno.test("createLiveState() finds a registry that comes into being", async () => {
  const files: World["files"] = {};
  const { live, reload, hosts } = await start({ env: { LMCP_HUB_BACKENDS: "" }, files });
  assert.deepEqual(hosts(), []);
  files["/opt/herding/etc/hub-backends.conf"] = "old old\n";
  assert.notEqual(await live.findChange(), null);
  await reload();
  assert.deepEqual(hosts(), ["old"]);
  files["/etc/lmcp-hub/hosts.toml"] = host("new");
  assert.notEqual(await live.findChange(), null);
  await reload();
  assert.deepEqual(hosts(), ["new"]);
});

Deno.test("createLiveState() does not lose its hosts with the registry's file", async () => {
  const path = "/etc/lmcp-hub/hosts.toml";
  const files: World["files"] = { [path]: host("a") };
  const { live, reload, hosts, problems } = await start({ env: { LMCP_HUB_BACKENDS: "" }, files });
  delete files[path];
  files["/opt/herding/etc/hub-backends.conf"] = "old old\n";
  await reload();
  assert.deepEqual(problems(), [`${path}: error: there is no such file any more`]);
  assert.deepEqual(hosts(), ["a"]);
  files[path] = host("b");
  assert.notEqual(await live.findChange(), null);
  await reload();
  assert.deepEqual([hosts(), problems()], [["b"], []]);
});

for (
  const [what, text] of [
    ["empty", ""],
    ["a line break", "\n"],
    ["a comment", "# written by a program that takes its time\n"],
    ["only [defaults]", "[defaults]\nssh_timeout = 5\n"],
    ["only clients", '[clients.ann]\ntoken = "of-ann"\n'],
    ["an empty table", "[hosts]\n"],
  ] as const
) {
  Deno.test(`createLiveState() keeps its hosts when the registry is ${what}`, async () => {
    const files: World["files"] = { "/r.toml": host("a") };
    const { reload, hosts, problems } = await start({ files });
    files["/r.toml"] = text;
    await reload();
    assert.deepEqual(hosts(), ["a"]);
    assert.deepEqual(problems(), [
      "/r.toml: error: names no hosts any more: restart the hub if you mean it",
    ]);
    files["/r.toml"] = host("b");
    await reload();
    assert.deepEqual([hosts(), problems()], [["b"], []]);
  });
}

Deno.test("createLiveState() keeps its hosts when a registry it prefers appears empty", async () => {
  const old = "/opt/herding/etc/hub-backends.conf";
  const files: World["files"] = { [old]: "old old\n" };
  const { reload, hosts, problems } = await start({ env: { LMCP_HUB_BACKENDS: "" }, files });
  files["/etc/lmcp-hub/hosts.toml"] = "";
  await reload();
  assert.deepEqual(hosts(), ["old"]);
  assert.match(problems().join(), /^\/etc\/lmcp-hub\/hosts\.toml: error: names no hosts any more/);
});

Deno.test("createLiveState() reports a mistake alone, though no host is left with it", async () => {
  const files: World["files"] = { "/r.toml": host("a") };
  const { reload, problems } = await start({ files });
  files["/r.toml"] = "[hosts.a\n";
  await reload();
  assert.equal(problems().length, 1);
  assert.doesNotMatch(problems().join(), /any more/);
});

Deno.test("createLiveState() applies a registry without hosts where there were none", async () => {
  const files: World["files"] = { "/r.toml": "" };
  const { reload, problems, logged } = await start({ files });
  files["/r.toml"] = "# none yet\n";
  await reload();
  assert.deepEqual(problems(), []);
  assert.match(logged().join(), /configuration reloaded/);
});

Deno.test("createLiveState() swaps tokens of hosts, clients and the hub", async () => {
  const files: World["files"] = {
    "/r.toml": host("a", 'token_file = "/a"') + '[clients.ann]\ntoken_file = "/ann"\n',
    "/a": "a1",
    "/ann": "ann1",
    "/hub": "hub1",
  };
  const { live, reload } = await start({ env: { LMCP_TOKEN_FILE: "/hub" }, files });
  const tokens = () => {
    const { settings, registry } = live.current().configuration;
    const all = [settings, registry.hosts.get("a"), registry.clients.get("ann")];
    return all.map((owner) => owner?.token?.reveal());
  };
  assert.deepEqual(tokens(), ["hub1", "a1", "ann1"]);
  for (
    const [path, expected] of [
      ["/a", ["hub1", "new/a", "ann1"]],
      ["/ann", ["hub1", "new/a", "new/ann"]],
      ["/hub", ["new/hub", "new/a", "new/ann"]],
    ] as const
  ) {
    files[path] = `new${path}`;
    assert.notEqual(await live.findChange(), null);
    await reload();
    assert.deepEqual(tokens(), expected);
  }
});

Deno.test("createLiveState() follows the legacy conf, and never opens a guarded hub", async () => {
  const conf = "/opt/herding/etc/lmcp-hub.conf";
  const files: World["files"] = { "/r.toml": host("a"), [conf]: ".godparticle = one\n" };
  const { live, reload, problems } = await start({ files });
  const token = () => live.current().configuration.settings.token?.reveal();
  files[conf] = ".godparticle = two\n";
  await reload();
  assert.equal(token(), "two");
  delete files[conf];
  assert.notEqual(await live.findChange(), null);
  await reload();
  assert.equal(token(), "two");
  assert.deepEqual(problems(), [
    "inbound token: error: there is none any more, so everybody could call: " +
    "restart the hub if you mean it",
  ]);
});

Deno.test("createLiveState() never opens a hub that only clients may use", async () => {
  const files: World["files"] = { "/r.toml": `${host("a")}[clients.ann]\ntoken = "token"\n` };
  const { live, reload, problems } = await start({ files });
  files["/r.toml"] = host("a");
  await reload();
  assert.match(problems().join(), /^inbound token: error: there is none any more/);
  assert.deepEqual([...live.current().configuration.registry.clients.keys()], ["ann"]);
  files["/r.toml"] = `${host("a")}[clients.ben]\ntoken = "token"\n`;
  await reload();
  assert.deepEqual([...live.current().configuration.registry.clients.keys()], ["ben"]);
});

Deno.test("createLiveState() gives a client no hosts by a tag named like its host that is removed", async () => {
  const client = '[clients.ann]\ntoken = "of-ann-and-long-enough"\nhosts = ["a"]\n';
  const files: World["files"] = { "/r.toml": host("a") + host("b") + client };
  const { live, reload, hosts, problems } = await start({ files });
  const visible = () => [...live.current().access.hostsFor("ann").hosts.keys()];
  files["/r.toml"] = host("b", 'tags = ["a"]') + client;
  await reload();
  assert.match(problems().join(), /clients\.ann\.hosts: item 1 was a host and is a tag now/);
  assert.deepEqual([hosts(), visible()], [["a", "b"], ["a"]]);
  files["/r.toml"] = host("b", 'tags = ["a"]') + client.replace('"a"', '"@a"');
  await reload();
  assert.deepEqual([problems(), visible()], [[], ["b"]]);
});

Deno.test("createLiveState() logs once that TLS files need a restart", async () => {
  const env = { LMCP_TLS_CERT: "/cert.pem", LMCP_TLS_KEY: "/key.pem" };
  const files: World["files"] = { "/r.toml": host("a"), "/cert.pem": "c", "/key.pem": "k" };
  const { live, reload, logged } = await start({ env, files });
  files["/key.pem"] = "k2";
  assert.notEqual(await live.findChange(), null);
  await reload();
  assert.deepEqual(logged(), [
    "WARN TLS files are read at the start alone: restart the hub path=/key.pem",
    "INFO configuration reloaded registry=/r.toml hosts=1 clients=0",
  ]);
  await reload();
  assert.deepEqual(logged(), ["INFO configuration reloaded registry=/r.toml hosts=1 clients=0"]);
});

Deno.test("createLiveState() never shows a token", async () => {
  const files: World["files"] = { "/r.toml": host("a"), "/hub": "canary1" };
  const { reload, logged, problems } = await start({ env: { LMCP_TOKEN_FILE: "/hub" }, files });
  files["/hub"] = "can ary canary2";
  files["/r.toml"] = '[clients.ann]\ntoken = "canary3\n';
  await reload();
  assert.notEqual(problems().length, 0);
  assert.doesNotMatch([...logged(), ...problems()].join(), /canary/);
});
