import assert from "node:assert/strict";
import { checkText, hostsOf, makeFiles, runImportOf } from "./import_into.ts";

const ADDED = JSON.stringify({
  all: {},
  web: { hosts: ["web1", "web2", "renamed"] },
  db: { hosts: ["db1"] },
  _meta: {
    hostvars: {
      renamed: { ansible_host: "web3.example.org.", ansible_user: "deploy" },
      db1: { ansible_host: "192.0.2.1" },
    },
  },
});

async function importInto(registry: string, stdin: string, ...flags: readonly string[]) {
  await using place = await makeFiles({ "hosts.toml": registry });
  const path = `${place.path}/hosts.toml`;
  const ended = await runImportOf(["ansible", "-", "--registry", path, ...flags], { stdin });
  return { ...ended, stderr: ended.stderr.join("\n").replaceAll(place.path, "DIR") };
}

Deno.test("--import leaves out what the registry has, by name or by destination", async () => {
  const registry = `[hosts.web1]\nlmcp_url = "http://web1:8080/mcp"\n
[hosts.old]\nssh_host = "admin@web3.example.org"\n
[hosts.broken]\nssh_host = 3\n`;
  const { status, stdout, stderr } = await importInto(registry, ADDED);
  assert.equal(status, 0);
  assert.deepEqual(Object.keys(hostsOf(stdout)), ["web2", "db1"]);
  assert.equal(
    stderr,
    "lmcp-hub: 2 hosts are left out, since DIR/hosts.toml has them: web1, renamed",
  );
  assert.match(stdout, /^# 2 hosts from <stdin>, for review\.$/m);
  assert.match(stdout, /^# .*append the rest to the registry \(\/.*\/hosts\.toml\),$/m);
});

Deno.test("--import prints nothing where nothing is new, and says why", async () => {
  const registry = `[hosts.web1]\n[hosts.web2]\n[hosts.renamed]\n[hosts.db1]\n`;
  const { status, stdout, stderr } = await importInto(registry, ADDED);
  assert.deepEqual([status, stdout], [0, ""]);
  assert.match(stderr, /^lmcp-hub: 4 hosts are left out, since .* has them: web1, web2, .*, db1$/);
  assert.equal((await importInto(registry, ADDED, "--quiet")).stderr, "");
});

/** Registries as they end, each with what may be appended to them. */
const REGISTRIES = [
  "",
  "# none yet",
  "\uFEFF[hosts.a]\r\nssh_host = 'a'\r\n",
  '[hosts.a]\nssh_host = "a" # no line break',
  "[hosts]\na.ssh_host = 'a'\n[clients.c]\ntoken = 'c-token-of-enough-characters-0123456789'",
  "[hosts.a]\nssh_host = 'a'\n[groups]\nweb = 'a'\nall_web = '@web'\n",
  "[defaults]\ntags = ['x']\nread_only = true\n[hosts.'a.b']\nssh_host = 'a'\n",
];

Deno.test("what --import prints, appended to the registry, passes --check", async () => {
  for (const registry of REGISTRIES) {
    const { status, stdout } = await importInto(registry, ADDED);
    assert.equal(status, 0, registry);
    const { status: checked, lines } = await checkText(registry + stdout);
    assert.equal(checked, 0, `${registry}\n${lines.join("\n")}`);
    const before = Object.keys(hostsOf(registry.replace("\uFEFF", ""))).length;
    assert.match(lines.at(-1) ?? "", new RegExp(`: ${before + 4} hosts, `));
  }
});

Deno.test("--import gives no host a tag that is a group of the registry", async () => {
  const registry = "[hosts.a]\nssh_host = 'a'\n[groups]\nweb = 'a'\n";
  const { stdout, stderr } = await importInto(registry, ADDED);
  assert.deepEqual(hostsOf(stdout), {
    web1: { ssh_host: "web1" },
    web2: { ssh_host: "web2" },
    renamed: { ssh_host: "deploy@web3.example.org." },
    db1: { ssh_host: "192.0.2.1", tags: ["db"] },
  });
  assert.match(
    stderr,
    /"web1": is imported without the tag "web", which is a group of the registry/,
  );
});

/** Registries that cannot take what is new, and what is said. */
const REFUSING = [
  ["hosts = { a = { ssh_host = 'a' } }\n", /^DIR\/hosts\.toml: error: .*with what is new in it: /],
  [
    "[hosts.a]\nssh_host = 'a'\ntags = ['web1']\n[clients.c]\nhosts = ['web1']\n" +
    "token = 'c-token-of-enough-characters-0123456789'\n",
    /error: clients\.c\.hosts: with what is new in it: item 1 is both a host and a tag/,
  ],
  ["[hosts.a\n", /^DIR\/hosts\.toml:1: error: invalid TOML/],
] as const;

Deno.test("--import refuses what would make the registry wrong", async () => {
  for (const [registry, wanted] of REFUSING) {
    const { status, stdout, stderr } = await importInto(registry, ADDED);
    assert.deepEqual([status, stdout], [2, ""], registry);
    assert.match(stderr, wanted);
  }
});

Deno.test("--import compares with a registry whose tokens it cannot read", async () => {
  const registry = "[hosts.a]\nlmcp_url = 'http://a:1/mcp'\ntoken_file = 'gone'\n";
  const { status, stdout } = await importInto(registry, ADDED);
  assert.equal(status, 0);
  assert.equal(Object.keys(hostsOf(stdout)).length, 4);
});

Deno.test("--import compares with a legacy registry, and says that it must be converted", async () => {
  await using place = await makeFiles({ "hub.conf": "web1 - http://web1:8080/mcp t\nx db1\n" });
  const { status, stdout } = await runImportOf(
    ["ansible", "-", `--registry=${place.path}/hub.conf`],
    { stdin: ADDED.replace("192.0.2.1", "db1") },
  );
  assert.equal(status, 0);
  assert.deepEqual(Object.keys(hostsOf(stdout)), ["web2", "renamed"]);
  assert.match(
    stdout,
    /^# That file is in the format of the Lua hub: see lmcp-hub --check --format/m,
  );
});

Deno.test("--import refuses a registry that is named and missing, by flag or variable", async () => {
  for (
    const [args, env] of [
      [["--registry=/nowhere/x.toml"], {}],
      [[], { LMCP_HUB_BACKENDS: "/nowhere/x.toml" }],
    ] as const
  ) {
    const { status, stdout, stderr } = await runImportOf(["ansible", "-", ...args], {
      stdin: ADDED,
      env,
    });
    assert.deepEqual([status, stdout], [2, ""]);
    assert.deepEqual(stderr, [
      "/nowhere/x.toml: error: cannot read the registry: no such file",
    ]);
  }
});
