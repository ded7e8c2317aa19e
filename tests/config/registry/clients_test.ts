import assert from "node:assert/strict";
import { parseRegistry, type RegistryInputs } from "../../../lib/config/registry/load.ts";
import { ALL_TOOLS, TOOL_NAMES } from "../../../lib/fleet/rules.ts";
import { formatProblem } from "../../../lib/base/problem.ts";
import { Secret } from "../../../lib/base/secret.ts";
import { fakeSources } from "../fake_sources.ts";

const defaults = { connectMs: 3000, lmcpMs: 6000, sshMs: 10_000, sshHardMs: 30_000 };

const HOSTS = `
[hosts.boltzmann]
ssh_host = "b"
tags = ["gpu", "lab"]
[hosts.gpu]
ssh_host = "g"
tags = ["lab"]
[hosts.tesla]
ssh_host = "t"
`;

const sources = fakeSources({
  env: { LMCP_CI: "of-ci" },
  files: { "/etc/tokens/ann": "of-ann\n" },
});

async function parse(text: string, options: Partial<RegistryInputs> = {}) {
  const inputs = { path: "/etc/hosts.toml", defaults, ...sources, ...options };
  const { registry, problems } = await parseRegistry(text, inputs);
  const clients = [...registry.clients.values()].map(({ token, hosts, ...client }) => (
    { ...client, token: token.reveal(), hosts: hosts && [...hosts] }
  ));
  return { registry, clients, problems: problems.map(formatProblem) };
}

Deno.test("parseRegistry() reads every field of a client", async () => {
  const text = `${HOSTS}
[clients.ann]
token_file = "tokens/ann"
hosts = ["tesla", "boltzmann"]
tools = ["remote_shell"]
read_only = true
max_timeout = 90
[clients.ci]
token_env = "LMCP_CI"
results = "structured"
[clients."c.i_2-x"]
token = "inline"
`;
  const { clients, problems } = await parse(text);
  assert.deepEqual(problems, []);
  assert.deepEqual(clients, [
    {
      name: "ann",
      token: "of-ann",
      tokenVariable: null,
      hosts: ["tesla", "boltzmann"],
      maxTimeoutMs: 90_000,
      results: null,
      rules: { tools: new Set(["remote_shell"]), readOnly: true },
    },
    {
      name: "ci",
      token: "of-ci",
      tokenVariable: "LMCP_CI",
      hosts: null,
      maxTimeoutMs: null,
      results: "structured",
      rules: ALL_TOOLS,
    },
    {
      name: "c.i_2-x",
      token: "inline",
      tokenVariable: null,
      hosts: null,
      maxTimeoutMs: null,
      results: null,
      rules: ALL_TOOLS,
    },
  ]);
});

const ADVICE = (item: number, tag: string) =>
  `item ${item} is a tag: write "@${tag}" for the hosts with the tag, so that it never means a host`;

const labels: readonly (readonly [string, readonly string[], readonly string[]])[] = [
  ['["@lab"]', ["boltzmann", "gpu"], []],
  ['["@gpu"]', ["boltzmann"], []],
  ['["tesla"]', ["tesla"], []],
  ['["tesla", "@lab"]', ["tesla", "boltzmann", "gpu"], []],
  ['["@lab", "@gpu", "@gpu"]', ["boltzmann", "gpu"], []],
  ['["lab"]', ["boltzmann", "gpu"], [ADVICE(1, "lab")]],
  ['["tesla", "lab"]', ["tesla", "boltzmann", "gpu"], [ADVICE(2, "lab")]],
];

for (const [list, names, advice] of labels) {
  Deno.test(`parseRegistry() reads a client's hosts = ${list} as ${names.join(", ")}`, async () => {
    const { clients, problems } = await parse(
      `${HOSTS}[clients.a]\ntoken = "a-token-that-is-long"\nhosts = ${list}\n`,
    );
    const warnings = advice.map((text) => `/etc/hosts.toml:12: warning: clients.a.hosts: ${text}`);
    assert.deepEqual(problems, warnings);
    assert.deepEqual(clients.map(({ hosts }) => hosts), [names]);
  });
}

Deno.test("parseRegistry() refuses a client's label that was a host and is a tag now", async () => {
  const text = `${HOSTS}[clients.a]\ntoken = "token"\nhosts = ["lab", "@lab"]\n`;
  const { problems } = await parse(text, { formerHosts: new Set(["lab", "tesla"]) });
  assert.deepEqual(problems, [
    "/etc/hosts.toml:12: error: clients.a.hosts: item 1 was a host and is a tag now: " +
    'write "@lab" for the hosts with the tag, or remove it',
  ]);
});

Deno.test("parseRegistry() counts the tags of [defaults] for a client's hosts", async () => {
  const text =
    '[defaults]\ntags = ["lab"]\n[hosts.a]\nssh_host = "a"\n[hosts.b]\nssh_host = "b"\n' +
    'tags = []\n[clients.c]\ntoken = "token"\nhosts = ["@lab"]\n';
  assert.deepEqual((await parse(text)).clients.map(({ hosts }) => hosts), [["a"]]);
});

Deno.test("parseRegistry() has a host's rules beat those of [defaults], each by itself", async () => {
  const text =
    '[defaults]\nread_only = true\ntools = ["remote_shell"]\n[hosts.a]\nssh_host = "a"\n' +
    'read_only = false\n[hosts.b]\nssh_host = "b"\ntools = ["remote_list_dir"]\n';
  const { registry, problems } = await parse(text);
  assert.deepEqual(problems, []);
  assert.deepEqual([...registry.hosts.values()].map(({ rules }) => rules), [
    { tools: new Set(["remote_shell"]), readOnly: false },
    { tools: new Set(["remote_list_dir"]), readOnly: true },
  ]);
});

const reserved = "the hub itself calls others by this name: choose another one";
const nameRule = 'a client name holds letters, digits, ".", "_" and "-", ' +
  'and starts with none of "." and "-"';

const bad: readonly (readonly [string, string, string])[] = [
  [
    "clients in a list",
    '[[clients]]\ntoken = "token"\n',
    ":1: error: clients: must hold a table for each client: [clients.NAME]",
  ],
  ["a client that is no table", "[clients]\na = 1\n", ":2: error: clients.a: must be a table"],
  ["an empty name", '[clients.""]\ntoken = "token"\n', `:1: error: clients."": ${nameRule}`],
  [
    "a name with a space",
    '[clients."a b"]\ntoken = "token"\n',
    `:1: error: clients."a b": ${nameRule}`,
  ],
  [
    "the name default",
    '[clients.default]\ntoken = "token"\n',
    `:1: error: clients.default: ${reserved}`,
  ],
  ["the name stdio", '[clients.stdio]\ntoken = "token"\n', `:1: error: clients.stdio: ${reserved}`],
  [
    "the name anonymous",
    '[clients.anonymous]\ntoken = "token"\n',
    `:1: error: clients.anonymous: ${reserved}`,
  ],
  [
    "no token",
    "\n[clients.a]\n",
    ":2: error: clients.a: has no token: set token_file, token_env or token",
  ],
  ["an empty token", '[clients.a]\ntoken = ""\n', ":2: error: clients.a.token: the token is empty"],
  [
    "two tokens",
    '[clients.a]\ntoken = "token"\ntoken_file = "/t"\n',
    ':3: error: clients.a.token_file: cannot be combined with "token": keep one of them',
  ],
  [
    "a token file that is missing",
    '[clients.a]\ntoken_file = "no"\n',
    ':2: error: clients.a.token_file: cannot read token file "/etc/no": no such file',
  ],
  [
    "a misspelt field",
    '[clients.a]\ntoken = "token"\nhost = ["x"]\n',
    ':3: error: clients.a.host: unknown field; did you mean "hosts"?',
  ],
  [
    "a tool of a near name",
    '[clients.a]\ntoken = "token"\ntools = ["remote_list_dir", "remote_shel"]\n',
    ':3: error: clients.a.tools: must hold names of tools; did you mean "remote_shell"?',
  ],
  [
    "a tool of no near name",
    '[clients.a]\ntoken = "token"\ntools = ["x"]\n',
    `:3: error: clients.a.tools: must hold names of tools: ${TOOL_NAMES.join(", ")}`,
  ],
  [
    "tools in one text",
    '[clients.a]\ntoken = "token"\ntools = "remote_shell"\n',
    ":3: error: clients.a.tools: must be a list of tools",
  ],
  [
    "no tools",
    '[clients.a]\ntoken = "token"\ntools = []\n',
    ":3: error: clients.a.tools: must not be empty: leave it out for all tools",
  ],
  [
    "no hosts",
    '[clients.a]\ntoken = "token"\nhosts = []\n',
    ":3: error: clients.a.hosts: must not be empty: leave it out for all hosts",
  ],
  [
    "a text for read_only",
    '[clients.a]\ntoken = "token"\nread_only = "yes"\n',
    ":3: error: clients.a.read_only: must be true or false",
  ],
  [
    "a host of a near name",
    `[clients.a]\ntoken = "token"\nhosts = ["tesla", "boltzman"]\n${HOSTS}`,
    ':3: error: clients.a.hosts: item 2 is neither a host nor a tag; did you mean "boltzmann"?',
  ],
  [
    "a host of no near name",
    `[clients.a]\ntoken = "token"\nhosts = ["x"]\n${HOSTS}`,
    ":3: error: clients.a.hosts: item 1 is neither a host nor a tag",
  ],
  [
    "a label that is both a host and a tag",
    `[clients.a]\ntoken = "token"\nhosts = ["tesla", "gpu"]\n${HOSTS}`,
    ':3: error: clients.a.hosts: item 2 is both a host and a tag: write "@gpu" for the hosts with ' +
    "the tag, or rename one of them",
  ],
  [
    "a tag of a near name",
    `[clients.a]\ntoken = "token"\nhosts = ["@lap"]\n${HOSTS}`,
    ':3: error: clients.a.hosts: item 1 is not a tag; did you mean "@lab"?',
  ],
  [
    "a host as a tag",
    `[clients.a]\ntoken = "token"\nhosts = ["@tesla"]\n${HOSTS}`,
    ":3: error: clients.a.hosts: item 1 is not a tag",
  ],
  [
    "the token of another client",
    '[clients.a]\ntoken = "token"\n[clients.b]\ntoken = "token"\n',
    ':3: error: clients.b: has the same token as client "a": give it one of its own',
  ],
  [
    "the hub's own token",
    '[clients.a]\ntoken = "of-hub"\n',
    ":1: error: clients.a: has the same token as the hub itself: give it one of its own",
  ],
];

for (const [what, text, problem] of bad) {
  Deno.test(`parseRegistry() refuses clients with ${what}`, async () => {
    const { problems } = await parse(text, { inboundToken: new Secret("of-hub") });
    assert.deepEqual(problems, [`/etc/hosts.toml${problem}`]);
  });
}

Deno.test("parseRegistry() refuses a host's rules and [defaults] with unknown tools", async () => {
  const text =
    '[defaults]\ntools = ["remote_shel"]\n[hosts.a]\nssh_host = "a"\ntools = ["shell"]\n';
  assert.deepEqual((await parse(text)).problems, [
    '/etc/hosts.toml:2: error: defaults.tools.0: must hold names of tools; did you mean "remote_shell"?',
    `/etc/hosts.toml:5: error: hosts.a.tools: must hold names of tools: ${TOOL_NAMES.join(", ")}`,
  ]);
});

Deno.test("parseRegistry() does not blame a client for a host with an error", async () => {
  const text = '[hosts.a]\nssh_host = 1\ntags = ["lab"]\n[clients.c]\ntoken = "token"\n' +
    'hosts = ["a", "@lab"]\n';
  assert.deepEqual((await parse(text)).problems, [
    "/etc/hosts.toml:2: error: hosts.a.ssh_host: must be a text in quotes",
  ]);
});

Deno.test("parseRegistry() never shows a client's token in a problem", async () => {
  const texts = [
    '[clients.a]\ntoken = "can ary canary"\n',
    '[clients.a]\ntoken = "canary"\n[clients.b]\ntoken = "canary"\n',
    '[clients.a]\ntools = ["canary"]\n',
    '[clients.a]\ntoken = "token"\nhosts = ["canary"]\n',
    '[clients.a]\ntoken_env = "canary"\n',
  ];
  for (const text of texts) {
    const { problems } = await parse(text);
    assert.notEqual(problems.length, 0);
    assert.doesNotMatch(problems.join(), /canary/, text);
  }
});

Deno.test("parseRegistry() passes over clients where none can come", async () => {
  const { clients, problems } = await parse("[clients.a]\n", { skipsClients: true });
  assert.deepEqual([clients, problems], [[], []]);
});

Deno.test("parseRegistry() warns of clients' tokens in a file that others may read", async () => {
  const open = fakeSources({ files: { "/etc/hosts.toml": { text: "", mode: 0o644 } } });
  const { problems } = await parse('[clients.a]\ntoken = "token"\n', open);
  assert.match(problems.join(), /^\/etc\/hosts\.toml: warning: holds tokens and is open/);
});
