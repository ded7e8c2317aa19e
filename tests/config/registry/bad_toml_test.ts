import assert from "node:assert/strict";
import { parseLegacy, parseToml } from "./parsed_registry.ts";

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
    '[hosts.a]\nssh_host = "a"\n[groups]\ntoken = "canary"\n',
    '[hosts.a]\nssh_host = "a"\n[groups]\ntoken = "@canary"\n',
    '[hosts.a]\nssh_host = "a"\n[groups]\ntoken = "canary*[1]"\n',
    '[hosts.a]\nssh_host = "a"\n[groups]\ntoken = "can[ary canary]"\n',
    '[hosts.a]\nssh_host = "a"\n[groups]\ntoken = "a ! a canary"\n',
    '[hosts.a]\nssh_host = "a"\n[groups]\ntoken = "can!&ary"\n',
  ];
  for (const text of texts) {
    const { problems } = await parseToml(text);
    assert.notEqual(problems.length, 0);
    assert.doesNotMatch(problems.join(), /canary/, text);
  }
  assert.doesNotMatch((await parseLegacy("a - - canaryé canary\n")).problems.join(), /canary/);
});
