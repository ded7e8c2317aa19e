import assert from "node:assert/strict";
import { TOOL_NAMES } from "../../../../lib/fleet/rules.ts";
import { Secret } from "../../../../lib/base/secret.ts";
import { HOSTS, parse } from "./parse.ts";

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

for (
  const [field, message] of [
    ["rate = 0", "rate: must be a whole number of calls from 1 to 1000000"],
    ["rate = 1.5", "rate: must be a whole number of calls from 1 to 1000000"],
    ['rate = "60"', "rate: must be a whole number of calls from 1 to 1000000"],
    ["concurrent = -1", "concurrent: must be a whole number of calls from 1 to 1000000"],
    ["concurrent = 1000001", "concurrent: must be a whole number of calls from 1 to 1000000"],
    ["concurent = 1", 'concurent: unknown field; did you mean "concurrent"?'],
  ] as const
) {
  Deno.test(`parseRegistry() refuses the limit ${field}`, async () => {
    const { problems } = await parse(`${HOSTS}[clients.ann]\ntoken = "inline"\n${field}\n`);
    assert.deepEqual(problems, [`/etc/hosts.toml:12: error: clients.ann.${message}`]);
  });
}
