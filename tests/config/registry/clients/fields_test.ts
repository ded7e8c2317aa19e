import assert from "node:assert/strict";
import { ALL_TOOLS } from "../../../../lib/fleet/rules.ts";
import { fakeSources } from "../../fake_sources.ts";
import { HOSTS, parse } from "./parse.ts";

Deno.test("parseRegistry() reads every field of a client", async () => {
  const text = `${HOSTS}
[clients.ann]
token_file = "tokens/ann"
hosts = ["tesla", "boltzmann"]
tools = ["remote_shell"]
read_only = true
max_timeout = 90
rate = 60
concurrent = 4
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
      limits: { perMinute: 60, atOnce: 4 },
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
