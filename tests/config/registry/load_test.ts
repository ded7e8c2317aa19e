import assert from "node:assert/strict";
import {
  loadRegistry,
  missingRegistryText,
  parseRegistry,
  type RegistryInputs,
} from "../../../lib/config/registry/load.ts";
import type { Host } from "../../../lib/fleet/host.ts";
import { ALL_TOOLS } from "../../../lib/fleet/rules.ts";
import { formatProblem } from "../../../lib/base/problem.ts";
import { type FakeFile, fakeSources } from "../fake_sources.ts";

const defaults = { connectMs: 3000, lmcpMs: 6000, sshMs: 10_000, sshHardMs: 30_000 };

interface World {
  readonly env?: Readonly<Record<string, string>>;
  readonly files?: Readonly<Record<string, FakeFile>>;
  readonly pinned?: NonNullable<RegistryInputs["pinned"]>;
}

async function parseAt(path: string, text: string, { pinned, ...world }: World = {}) {
  const inputs = { path, defaults, ...fakeSources(world), ...(pinned ? { pinned } : {}) };
  const { registry, problems } = await parseRegistry(text, inputs);
  return {
    path: registry.path,
    hosts: [...registry.hosts.values()].map(show),
    problems: problems.map(formatProblem),
  };
}

/** A host with its token in sight, so that a comparison sees it. */
function show({ token, ...host }: Host) {
  return { ...host, token: token?.reveal() ?? null };
}

const parseToml = (text: string, world?: World) => parseAt("hosts.toml", text, world);
const parseLegacy = (text: string, world?: World) => parseAt("backends.conf", text, world);

/** A host with nothing set. */
const bare = {
  sshHost: null,
  lmcpUrl: null,
  token: null,
  tokenVariable: null,
  tags: [],
  timeouts: defaults,
  rules: ALL_TOOLS,
  callTools: new Set(),
};

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
      token: "secret",
      tokenVariable: null,
      tags: ["lab", "gpu"],
      timeouts: { connectMs: 500, lmcpMs: 1000, sshMs: 2000, sshHardMs: 3250 },
      rules: { tools: new Set(["remote_read_file", "remote_shell"]), readOnly: true },
      callTools: new Set(),
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

const seconds = "must be a number of seconds above 0, at most 1000000";

const badToml: readonly (readonly [string, string, string])[] = [
  [
    "a syntax error",
    "[hosts.a]\nssh_host = a\n",
    ":2: error: invalid TOML: a text needs quotes",
  ],
  [
    "a header that goes on",
    "[hosts.a] b\n",
    ":1: error: invalid TOML: each key-value declaration must be followed by an end-of-line",
  ],
  ["a value without quotes", "a=b c\n", ":1: error: invalid TOML: a text needs quotes"],
  [
    "a value without quotes after a space",
    "a = b\n",
    ":1: error: invalid TOML: a text needs quotes",
  ],
  [
    "a host named twice",
    '[hosts.a]\nssh_host = "a"\n[hosts.a]\n',
    ":3: error: [hosts.a] is there twice, first in line 1",
  ],
  [
    "a table of another name",
    "\n[host.a]\n",
    ':2: error: host: unknown table or field; did you mean "hosts"?',
  ],
  [
    "an unknown field",
    '[hosts.a]\nssh_hots = ""\n',
    ':2: error: hosts.a.ssh_hots: unknown field; did you mean "ssh_host"?',
  ],
  ["an unknown field near none", "[hosts.a]\nx = 1\n", ":2: error: hosts.a.x: unknown field"],
  [
    "an address in [defaults]",
    '[defaults]\nssh_host = "a"\n',
    ":2: error: defaults.ssh_host: unknown default",
  ],
  [
    "a misspelt default",
    "[defaults]\ntag = []\n",
    ':2: error: defaults.tag: unknown default; did you mean "tags"?',
  ],
  [
    "a bad default",
    "[defaults]\nssh_timeout = 0\n",
    `:2: error: defaults.ssh_timeout: ${seconds}`,
  ],
  ["[defaults] that are none", "defaults = 1\n", ":1: error: defaults: must be a table"],
  [
    "hosts in a list",
    "[[hosts]]\n",
    ":1: error: hosts: must hold a table for each host: [hosts.NAME]",
  ],
  ["a host that is no table", "[hosts]\n\na = 1\n", ":3: error: hosts.a: must be a table"],
  [
    "a host name with dots but no quotes",
    '[hosts.a.example.org]\nssh_host = "a"\n',
    ':1: error: hosts.a.example: unknown table; a host name with dots needs quotes: [hosts."a.example.org"]',
  ],
  [
    "a host name with a space",
    '[hosts."a b"]\nssh_host = "a"\n',
    ':1: error: hosts."a b": a host name holds letters, digits, ".", "_" and "-", ' +
    'and starts with none of "." and "-"',
  ],
  [
    "a number for a text",
    "[hosts.a]\nssh_host = 1\n",
    ":2: error: hosts.a.ssh_host: must be a text in quotes",
  ],
  [
    "a text for a number",
    '[hosts.a]\nssh_timeout = "1"\n',
    `:2: error: hosts.a.ssh_timeout: ${seconds}`,
  ],
  [
    "an infinite wait",
    "[hosts.a]\nlmcp_timeout = inf\n",
    `:2: error: hosts.a.lmcp_timeout: ${seconds}`,
  ],
  [
    "no number of seconds",
    "[hosts.a]\nlmcp_timeout = nan\n",
    `:2: error: hosts.a.lmcp_timeout: ${seconds}`,
  ],
  [
    "a wait beyond all timers",
    "[hosts.a]\nconnect_timeout = 1000001\n",
    `:2: error: hosts.a.connect_timeout: ${seconds}`,
  ],
  [
    "tags in one text",
    '[hosts.a]\ntags = "a"\n',
    ':2: error: hosts.a.tags: must be a list such as ["lab", "gpu"]',
  ],
  [
    "a tag with a space, in a list over lines",
    '[hosts.a]\nssh_host = "a"\ntags = [\n  "a",\n  "b c",\n]\n',
    ":3: error: hosts.a.tags: must hold tags without white space",
  ],
  [
    "two tokens",
    '[hosts.a]\ntoken = "x"\ntoken_env = "LMCP_A"\n',
    ':3: error: hosts.a.token_env: cannot be combined with "token": keep one of them',
  ],
  ["an empty token", '[hosts.a]\ntoken = ""\n', ":2: error: hosts.a.token: the token is empty"],
  [
    "a token of another variable",
    '[hosts.a]\ntoken_env = "AWS_SECRET"\n',
    ':2: error: hosts.a.token_env: must name a variable that starts with "LMCP_"',
  ],
  [
    "a token variable that is not set",
    '[hosts.a]\ntoken_env = "LMCP_NO"\n',
    ':2: error: hosts.a.token_env: the variable "LMCP_NO" is not set',
  ],
  [
    "a token variable that is empty",
    '[hosts.a]\ntoken_env = "LMCP_EMPTY"\n',
    ":2: error: hosts.a.token_env: the token is empty",
  ],
  [
    "an empty file name",
    '[hosts.a]\ntoken_file = ""\n',
    ":2: error: hosts.a.token_file: must not be empty",
  ],
  [
    "a token file that is missing",
    '[hosts.a]\ntoken_file = "/no"\n',
    ':2: error: hosts.a.token_file: cannot read token file "/no": no such file',
  ],
  [
    "a token file open to others",
    '[hosts.a]\ntoken_file = "/open"\n',
    ':2: error: hosts.a.token_file: token file "/open" is open to other users (mode 0644): chmod it to 0600',
  ],
  [
    "a legacy registry",
    "# name ssh\ntesla tesla http://tesla:8080/mcp to=ken\n",
    ': error: looks like the legacy format, but a name that ends in ".toml" means TOML',
  ],
];

for (const [what, text, problem] of badToml) {
  Deno.test(`parseRegistry() refuses TOML with ${what}`, async () => {
    const { problems, hosts } = await parseToml(text, {
      env: { LMCP_EMPTY: "" },
      files: { "/open": { text: "t", mode: 0o644 } },
    });
    assert.deepEqual(problems.filter((line) => !line.includes(": warning: ")), [
      `hosts.toml${problem}`,
    ]);
    assert.deepEqual(hosts, []);
  });
}

Deno.test("parseRegistry() reports every problem of a TOML file, by line", async () => {
  const text = `
[hosts.z]
ssh_host = "-z"
lmcp_url = "ftp://z"
speed = 1

[defaults]
token = "token"

[hosts.a]
ssh_host = "a b"
[others]
`;
  const { problems } = await parseToml(text);
  assert.deepEqual(problems.map((line) => line.split(": ").slice(0, 3).join(": ")), [
    "hosts.toml:3: error: hosts.z.ssh_host",
    "hosts.toml:4: error: hosts.z.lmcp_url",
    "hosts.toml:5: error: hosts.z.speed",
    "hosts.toml:8: error: defaults.token",
    "hosts.toml:11: error: hosts.a.ssh_host",
    "hosts.toml:12: error: others",
  ]);
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

Deno.test("parseRegistry() says when a legacy file holds TOML", async () => {
  for (const text of ["[hosts.a]\nx = 1\n", "# c\n[ defaults ]\n"]) {
    assert.deepEqual((await parseLegacy(text)).problems, [
      "backends.conf: error: looks like TOML, " +
      'which only a file with a name that ends in ".toml" may hold',
    ]);
  }
});

Deno.test("parseRegistry() never shows a token in a problem", async () => {
  const texts = [
    '[hosts.a]\ntoken = "canary beef"\n',
    '[hosts.a]\ntoken = "canary\nssh_host = 1\n',
    "[hosts.a]\ntoken = canary\n",
    '[hosts.a]\ntoken = "canary"\ntoken_env = "LMCP_A"\n',
    '[hosts.a]\nlmcp_url = "http://canary@a/"\n',
    '[hosts.a]\nssh_host = "-canary"\n',
    '[hosts.a]\ntags = ["can ary canary"]\n',
    '[hosts.a]\ntoken_env = "canary"\n',
  ];
  for (const text of texts) {
    const { problems } = await parseToml(text);
    assert.notEqual(problems.length, 0);
    assert.doesNotMatch(problems.join(), /canary/, text);
  }
  assert.doesNotMatch((await parseLegacy("a - - canaryé canary\n")).problems.join(), /canary/);
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
