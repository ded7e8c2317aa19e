import assert from "node:assert/strict";
import { parse } from "./parse.ts";

const HOSTS = '[hosts.web1]\nssh_host = "a"\ntags = ["web"]\n[hosts.db1]\nssh_host = "b"\n';

const CLIENT = '[clients.a]\ntoken = "a-token-that-is-long"\n';
const COMMANDS = '[commands.disk]\nrun = ["df"]\nread_only = true\n' +
  '[commands.reboot]\nrun = ["reboot"]\nhosts = ["db1"]\n';

Deno.test("parseRegistry() leaves a client with commands little else", async () => {
  const { registry, problems } = await parse(
    `${HOSTS}${COMMANDS}${CLIENT}commands = ["disk"]\n` +
      '[clients.b]\ntoken = "another-token-long"\ncommands = ["disk", "reboot"]\n' +
      'tools = ["remote_read_file"]\n',
  );
  assert.deepEqual(problems, []);
  const rights = [...registry.clients.values()].map(({ rules, commands }) => ({ rules, commands }));
  assert.deepEqual(rights, [
    {
      rules: { tools: new Set(["remote_list_hosts", "remote_run"]), readOnly: false },
      commands: new Set(["disk"]),
    },
    {
      rules: { tools: new Set(["remote_read_file", "remote_run"]), readOnly: false },
      commands: new Set(["disk", "reboot"]),
    },
  ]);
});

const CLIENT_FAULTS: readonly (readonly [fields: string, problem: string])[] = [
  [
    'commands = ["disc"]',
    '14: error: clients.a.commands: item 1 is not a command; did you mean "disk"?',
  ],
  [
    "commands = []",
    "14: error: clients.a.commands: must not be empty: leave it out for a client " +
    "that may run anything",
  ],
  [
    'commands = ["disk", "reboot"]\nread_only = true',
    "14: error: clients.a.commands: item 2 is not read_only, and the client is",
  ],
  [
    'commands = ["reboot"]\nhosts = ["web1"]',
    "14: warning: clients.a.commands: item 1 is for none of the client's hosts",
  ],
  [
    'commands = ["disk"]\ntools = ["remote_shell"]',
    "15: error: clients.a.tools: remote_shell runs more than commands: leave out one of them",
  ],
  [
    'commands = ["disk"]\ntools = ["remote_copy"]',
    "15: warning: clients.a.tools: remote_copy can write files that are run later, whatever " +
    "commands says",
  ],
];

for (const [fields, problem] of CLIENT_FAULTS) {
  Deno.test(`parseRegistry() says of a client with ${fields}: ${problem}`, async () => {
    const { problems } = await parse(`${HOSTS}${COMMANDS}${CLIENT}${fields}\n`);
    assert.deepEqual(problems, [`r.toml:${problem}`]);
  });
}

Deno.test("parseRegistry() does not blame a client for a command with an error", async () => {
  const { problems } = await parse(`[commands.c]\nrun = []\n${CLIENT}commands = ["c"]\n`);
  assert.deepEqual(problems, ["r.toml:2: error: commands.c.run: must not be empty"]);
});
