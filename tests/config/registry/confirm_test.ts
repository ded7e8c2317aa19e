import assert from "node:assert/strict";
import { formatProblem } from "../../../lib/base/problem.ts";
import { parseRegistry } from "../../../lib/config/registry/load.ts";
import { fakeSources } from "../fake_sources.ts";

const HOSTS = `[hosts.web1]
ssh_host = "w"
tags = ["prod"]
[hosts.db1]
ssh_host = "d"
tags = ["prod", "data"]
[hosts.lab1]
ssh_host = "l"
`;
const FIRST_LINE = HOSTS.split("\n").length;

async function parse(rules: string) {
  const { registry, problems } = await parseRegistry(HOSTS + rules, {
    path: "r.toml",
    defaults: { connectMs: 3000, lmcpMs: 6000, sshMs: 10_000, sshHardMs: 30_000 },
    ...fakeSources({}),
  });
  return { registry, problems: problems.map(formatProblem) };
}

Deno.test("parseRegistry() reads rules for calls that wait for a person", async () => {
  const { registry, problems } = await parse(`[[confirm]]
tags = ["prod"]
[[confirm]]
tools = ["remote_run", "remote_shell", "remote_shell_bg"]
hosts = ["lab1", "@data"]
tags = ["@data"]
min_hosts = 2
by = "operator"
[commands.boot]
run = ["reboot"]
confirm = true
`);
  assert.deepEqual(problems, []);
  assert.deepEqual(registry.confirm, [
    { tools: null, hosts: new Set(["web1", "db1"]), minHosts: 1, asked: "client" },
    {
      tools: new Set(["remote_run", "remote_shell", "remote_shell_bg"]),
      hosts: new Set(["lab1", "db1"]),
      minHosts: 2,
      asked: "operator",
    },
  ]);
  assert.equal(registry.commands?.get("boot")?.mustBeConfirmed, true);
});

Deno.test("parseRegistry() reads registries in which no call waits as before", async () => {
  assert.equal("confirm" in (await parse("")).registry, false);
});

for (
  const [rule, line, problem] of [
    ["", 0, 'error: confirm.1: names nothing: set "tools", "hosts", "tags" or "min_hosts"'],
    [
      'by = "operator"',
      0,
      'error: confirm.1: names nothing: set "tools", "hosts", "tags" or "min_hosts"',
    ],
    [
      'tools = ["remote_shel"]',
      1,
      'error: confirm.1.tools: must hold names of tools; did you mean "remote_shell"?',
    ],
    [
      'tools = ["remote_list_hosts"]',
      1,
      "error: confirm.1.tools: must not name remote_list_hosts, which changes nothing",
    ],
    [
      "tools = []",
      1,
      "error: confirm.1.tools: must not be empty: leave it out for all tools that change something",
    ],
    [
      'hosts = ["lab1", "lab2"]',
      1,
      'error: confirm.1.hosts: item 2 is neither a host nor a tag; did you mean "lab1"?',
    ],
    ['tags = ["prd"]', 1, 'error: confirm.1.tags: item 1 is not a tag; did you mean "@prod"?'],
    ["min_hosts = 0", 1, "error: confirm.1.min_hosts: must be a whole number of hosts, 1 or more"],
    ['hosts = ["web1"]\nby = "me"', 2, 'error: confirm.1.by: must be "client" or "operator"'],
    ['host = ["web1"]', 1, 'error: confirm.1.host: unknown field; did you mean "hosts"?'],
    [
      'tools = ["remote_shell"]',
      1,
      "warning: confirm.1.tools: leaves out remote_run, remote_shell_bg, which can do the same",
    ],
  ] as const
) {
  Deno.test(`parseRegistry() says what is wrong with [[confirm]] ${rule}`, async () => {
    const { problems } = await parse(`[[confirm]]\n${rule}\n`);
    assert.deepEqual(problems, [`r.toml:${FIRST_LINE + line}: ${problem}`]);
  });
}

Deno.test("parseRegistry() names the rule, and its line, of several", async () => {
  const { problems } = await parse(
    '[[confirm]]\nhosts = ["web1"]\n\n[[confirm]]\nhosts = ["db1"]\ntags = ["x"]\n[[confirm]]\n',
  );
  assert.deepEqual(problems, [
    `r.toml:${FIRST_LINE + 5}: error: confirm.2.tags: item 1 is not a tag`,
    `r.toml:${FIRST_LINE + 6}: error: confirm.3: names nothing: ` +
    'set "tools", "hosts", "tags" or "min_hosts"',
  ]);
});

Deno.test("parseRegistry() says how a rule is written", async () => {
  const { problems } = await parse('[confirm]\nhosts = ["web1"]\n');
  assert.deepEqual(problems, [
    `r.toml:${FIRST_LINE}: error: confirm: must be a list of tables: write [[confirm]], ` +
    "with two brackets",
  ]);
});
