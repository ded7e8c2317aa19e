import assert from "node:assert/strict";
import { HOSTS, parse } from "./parse.ts";

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

Deno.test("parseRegistry() does not blame a client for a host with an error", async () => {
  const text = '[hosts.a]\nssh_host = 1\ntags = ["lab"]\n[clients.c]\ntoken = "token"\n' +
    'hosts = ["a", "@lab"]\n';
  assert.deepEqual((await parse(text)).problems, [
    "/etc/hosts.toml:2: error: hosts.a.ssh_host: must be a text in quotes",
  ]);
});
