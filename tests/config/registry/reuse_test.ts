import assert from "node:assert/strict";
import type { Host, Registry } from "../../../lib/fleet/host.ts";
import { parseRegistry } from "../../../lib/config/registry/load.ts";
import { reuseHosts } from "../../../lib/config/registry/reuse.ts";
import { fakeSources } from "../fake_sources.ts";

const defaults = { connectMs: 3000, lmcpMs: 6000, sshMs: 10_000, sshHardMs: 30_000 };

async function parse(text: string): Promise<Registry> {
  const { registry, problems } = await parseRegistry(text, {
    ...fakeSources(),
    path: "r.toml",
    defaults,
  });
  assert.deepEqual(problems, []);
  return registry;
}

const FIELDS = [
  'lmcp_url = "http://a/"',
  'token = "of-one"',
  'tags = ["lab"]',
  "ssh_timeout = 1",
  'tools = ["remote_shell", "remote_call_tool"]',
  'call_tools = ["backup"]',
];

function host(fields: readonly string[]): string {
  return `[hosts.a]\n${fields.join("\n")}\n`;
}

function get({ hosts }: Registry): Host {
  const found = hosts.get("a");
  assert.ok(found);
  return found;
}

Deno.test("reuseHosts() keeps the object of a host that has not changed", async () => {
  const older = await parse(host(FIELDS));
  const newer = await parse(`${host([...FIELDS].reverse())}[hosts.b]\nssh_host = "b"\n`);
  const reused = reuseHosts(older, newer);
  assert.equal(get(reused), get(older));
  assert.deepEqual([...reused.hosts.keys()], ["a", "b"]);
});

const changes: readonly (readonly [string, string])[] = [
  ["http://a/", "http://b/"],
  ["of-one", "of-two"],
  ["lab", "gpu"],
  ["ssh_timeout = 1", "ssh_timeout = 2"],
  ["remote_shell", "remote_list_dir"],
  ["backup", "restore"],
];

for (const [before, after] of changes) {
  Deno.test(`reuseHosts() uses the newer object where ${before} became ${after}`, async () => {
    const older = await parse(host(FIELDS));
    const newer = await parse(host(FIELDS.map((field) => field.replace(before, after))));
    assert.equal(get(reuseHosts(older, newer)), get(newer));
  });
}

Deno.test("reuseHosts() keeps no host that is gone, and uses the newer clients", async () => {
  const older = await parse(`${host(FIELDS)}[clients.ann]\ntoken = "token"\n`);
  const newer = await parse('[hosts.b]\nssh_host = "b"\n[clients.ben]\ntoken = "token"\n');
  const reused = reuseHosts(older, newer);
  assert.deepEqual([...reused.hosts.keys()], ["b"]);
  assert.deepEqual([...reused.clients.keys()], ["ben"]);
});
