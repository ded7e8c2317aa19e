import assert from "node:assert/strict";
import { loadRegistry, missingRegistryText } from "../../../lib/config/registry/load.ts";
import { formatProblem } from "../../../lib/base/problem.ts";
import { fakeSources } from "../fake_sources.ts";
import { bare, defaults, parseAt, parseLegacy, parseToml } from "./parsed_registry.ts";

Deno.test("parseRegistry() reads a legacy line of two, three and four columns", async () => {
  const text = "# name ssh url token\n\na ssh-a\nb - http://b:8080/mcp\n\tc c http://c/ tok=en \n";
  assert.deepEqual(await parseLegacy(text), {
    path: "backends.conf",
    hosts: [
      { ...bare, name: "a", sshHost: "ssh-a" },
      { ...bare, name: "b", lmcpUrl: "http://b:8080/mcp" },
      { ...bare, name: "c", sshHost: "c", lmcpUrl: "http://c/", token: "tok=en" },
    ],
    problems: [],
  });
});

Deno.test("parseRegistry() treats a legacy column - as none", async () => {
  const { hosts, problems } = await parseLegacy("a a - -\n");
  assert.deepEqual(hosts, [{ ...bare, name: "a", sshHost: "a" }]);
  assert.deepEqual(problems, []);
});

Deno.test("parseRegistry() reads a legacy file with CRLF, a byte order mark and odd white space", async () => {
  const { hosts, problems } = await parseLegacy("\uFEFF# c\r\na\v a\f-\r\n\r\n   # d\r\nb b\r\n");
  assert.deepEqual(hosts.map(({ name, sshHost }) => [name, sshHost]), [["a", "a"], ["b", "b"]]);
  assert.deepEqual(problems, []);
});

Deno.test("parseRegistry() splits legacy columns at C's white space, not at Unicode's", async () => {
  const { problems } = await parseLegacy("a\u00a0b\n");
  assert.deepEqual(problems, [
    "backends.conf:1: warning: a host needs two columns, name and ssh_host; " +
    "the line is ignored",
  ]);
});

Deno.test("parseRegistry() names the line of a host without columns", async () => {
  const { hosts, problems } = await parseLegacy("# c\ntesla\nb b\n");
  assert.deepEqual(hosts.map(({ name }) => name), ["b"]);
  assert.deepEqual(problems, [
    "backends.conf:2: warning: a host needs two columns, name and ssh_host; " +
    "the line is ignored",
  ]);
});

Deno.test("parseRegistry() warns of a fifth legacy column", async () => {
  const { hosts, problems } = await parseLegacy("a a http://a/ token # comment\n");
  assert.deepEqual(hosts.map(({ token }) => token), ["token"]);
  assert.deepEqual(problems, [
    "backends.conf:1: warning: a: the columns after the fourth are ignored",
  ]);
});

Deno.test("parseRegistry() lets the later of two legacy lines win, with a warning", async () => {
  const { hosts, problems } = await parseLegacy("a first\nb b\na second\n");
  assert.deepEqual(hosts.map(({ name, sshHost }) => [name, sshHost]), [["a", "second"], [
    "b",
    "b",
  ]]);
  assert.deepEqual(problems, [
    "backends.conf:3: warning: a: this line replaces line 1, which names the host too",
  ]);
});

Deno.test("parseRegistry() keeps host names apart that differ by case", async () => {
  const { hosts, problems } = await parseLegacy("a a\nA A\n");
  assert.deepEqual(hosts.map(({ name }) => name), ["a", "A"]);
  assert.deepEqual(problems, []);
});

Deno.test("parseRegistry() reads every field of a TOML host", async () => {
  const text = `
[hosts.boltzmann]
ssh_host = "me@boltzmann"
lmcp_url = "https://boltzmann:8443/mcp?x=1"
nats = true
token_file = "tokens/boltzmann"
tags = ["lab", "gpu"]
connect_timeout = 0.5
lmcp_timeout = 1
ssh_timeout = 2
ssh_hard_timeout = 3.25
tools = ["remote_read_file", "remote_shell"]
read_only = true
call_tools = []
`;
  const files = { "/etc/lmcp-hub/tokens/boltzmann": "secret\n" };
  assert.deepEqual(await parseAt("/etc/lmcp-hub/hosts.toml", text, { files }), {
    path: "/etc/lmcp-hub/hosts.toml",
    hosts: [{
      name: "boltzmann",
      sshHost: "me@boltzmann",
      lmcpUrl: "https://boltzmann:8443/mcp?x=1",
      natsName: "boltzmann",
      token: "secret",
      tokenVariable: null,
      tags: ["lab", "gpu"],
      timeouts: { connectMs: 500, lmcpMs: 1000, sshMs: 2000, sshHardMs: 3250 },
      rules: { tools: new Set(["remote_read_file", "remote_shell"]), readOnly: true },
      callTools: new Set(),
      wake: null,
    }],
    problems: [],
  });
});

Deno.test("parseRegistry() reads tokens from the file, the variable or the field", async () => {
  const text = `
[hosts.a]
lmcp_url = "http://a/"
token_file = "/tokens/a"
[hosts.b]
lmcp_url = "http://b/"
token_env = "LMCP_B"
[hosts.c]
lmcp_url = "http://c/"
token = "of-c"
`;
  const world = { env: { LMCP_B: "of-b" }, files: { "/tokens/a": "of-a\n" } };
  const { hosts, problems } = await parseToml(text, world);
  assert.deepEqual(hosts.map(({ token, tokenVariable }) => [token, tokenVariable]), [
    ["of-a", null],
    ["of-b", "LMCP_B"],
    ["of-c", null],
  ]);
  assert.deepEqual(problems, []);
});

Deno.test("parseRegistry() has the host beat the environment beat [defaults] beat the built-in", async () => {
  const text = `
[defaults]
connect_timeout = 1
lmcp_timeout = 1
ssh_timeout = 1
tags = ["lab"]
[hosts.a]
ssh_host = "a"
connect_timeout = 2
[hosts.b]
ssh_host = "b"
tags = []
`;
  const { hosts, problems } = await parseToml(text, { pinned: new Set(["connectMs", "lmcpMs"]) });
  assert.deepEqual(problems, []);
  const shared = { lmcpMs: 6000, sshMs: 1000, sshHardMs: 30_000 };
  assert.deepEqual(hosts.map(({ timeouts, tags }) => [timeouts, tags]), [
    [{ connectMs: 2000, ...shared }, ["lab"]],
    [{ connectMs: 3000, ...shared }, []],
  ]);
});

Deno.test("parseRegistry() accepts names with dots and __proto__ as hosts", async () => {
  const text = `hosts."a.b".ssh_host = "a"\n[hosts.__proto__]\nssh_host = "p"\n`;
  const { hosts, problems } = await parseToml(text);
  assert.deepEqual(hosts.map(({ name, sshHost }) => [name, sshHost]), [["a.b", "a"], [
    "__proto__",
    "p",
  ]]);
  assert.deepEqual(problems, []);
});

Deno.test("parseRegistry() treats an empty text as a registry without hosts", async () => {
  for (const parse of [parseToml, parseLegacy]) {
    const { hosts, problems } = await parse("# nothing yet\n");
    assert.deepEqual([hosts, problems], [[], []]);
  }
});

Deno.test("parseRegistry() warns of a host that cannot be reached at all", async () => {
  const message = "has neither lmcp_url nor ssh_host, so it cannot be reached";
  assert.deepEqual((await parseLegacy("a -\n")).problems, [
    `backends.conf:1: warning: a: ${message}`,
  ]);
  const { hosts, problems } = await parseToml('\n[hosts.a]\ntags = ["x"]\n');
  assert.deepEqual(problems, [`hosts.toml:2: warning: hosts.a: ${message}`]);
  assert.equal(hosts.length, 1);
});

Deno.test("parseRegistry() refuses bad legacy columns as it refuses bad TOML fields", async () => {
  const { hosts, problems } = await parseLegacy(
    "-a a\nb -oProxyCommand=x\nc - ftp://c\nd - http://d/ é\n",
  );
  assert.deepEqual(hosts, []);
  assert.deepEqual(problems.map((line) => line.split(": ").slice(0, 3).join(": ")), [
    "backends.conf:1: error: -a",
    "backends.conf:2: error: b.ssh_host",
    "backends.conf:3: error: c.lmcp_url",
    "backends.conf:4: error: d.token",
  ]);
});

Deno.test("parseRegistry() refuses a URL through ssh in the legacy format, which had none", async () => {
  const { problems } = await parseLegacy("a a ssh://a:8080/mcp\n");
  assert.deepEqual(problems, [
    'backends.conf:1: error: a.lmcp_url: only a registry in TOML can hold a URL that starts with "ssh:"',
  ]);
});

Deno.test("parseRegistry() says when a legacy file holds TOML", async () => {
  for (const text of ["[hosts.a]\nx = 1\n", "# c\n[ defaults ]\n"]) {
    assert.deepEqual((await parseLegacy(text)).problems, [
      "backends.conf: error: looks like TOML, " +
      'which only a file with a name that ends in ".toml" may hold',
    ]);
  }
});

Deno.test("loadRegistry() reads the file at a path", async () => {
  const sources = fakeSources({ files: { "/backends.conf": "a a\n" } });
  const { registry, problems, isMissing } = await loadRegistry("/backends.conf", {
    ...sources,
    defaults,
  });
  assert.deepEqual([...registry.hosts.keys()], ["a"]);
  assert.deepEqual([registry.path, problems, isMissing], ["/backends.conf", [], false]);
});

Deno.test("loadRegistry() has no problem with a missing file, but says so", async () => {
  const { registry, problems, isMissing } = await loadRegistry("/no.toml", {
    ...fakeSources(),
    defaults,
  });
  assert.deepEqual([registry.hosts.size, problems, isMissing], [0, [], true]);
  assert.equal(missingRegistryText("/no.toml"), "hub: no backend registry at /no.toml");
});

Deno.test("loadRegistry() refuses a file that it cannot read", async () => {
  const files = { "/r.toml": new Deno.errors.PermissionDenied() };
  const { problems, isMissing } = await loadRegistry("/r.toml", {
    ...fakeSources({ files }),
    defaults,
  });
  assert.deepEqual(problems.map(formatProblem), [
    "/r.toml: error: cannot read the registry: permission denied",
  ]);
  assert.equal(isMissing, false);
});

Deno.test("loadRegistry() warns of tokens in a file that others may read", async () => {
  const load = async (text: string, mode: number) => {
    const files = { "/r.conf": { text, mode } };
    const loaded = await loadRegistry("/r.conf", { ...fakeSources({ files }), defaults });
    return loaded.problems.map(formatProblem);
  };
  assert.deepEqual(await load("a - http://a/ token\n", 0o644), [
    "/r.conf: warning: holds tokens and is open to other users (mode 0644): chmod it to 0600",
  ]);
  assert.deepEqual(await load("a - http://a/ token\n", 0o640), []);
  assert.deepEqual(await load("a - http://a/ -\n", 0o644), []);
});
