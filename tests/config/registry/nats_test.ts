import assert from "node:assert/strict";
import { formatProblem } from "../../../lib/base/problem.ts";
import { parseRegistry } from "../../../lib/config/registry/load.ts";
import { fakeSources } from "../fake_sources.ts";

const defaults = { connectMs: 1, lmcpMs: 2, sshMs: 3, sshHardMs: 4 };

/** Reads a registry while these hosts announce themselves. */
async function read(
  text: string,
  announced: Readonly<Record<string, readonly string[]>> = {},
  formerHosts: readonly string[] = [],
) {
  const { registry, problems, discovers } = await parseRegistry(text, {
    ...fakeSources(),
    path: "/r.toml",
    defaults,
    formerHosts: new Set(formerHosts),
    announced: Object.entries(announced).map(([name, tags]) => ({ name, tags })),
  });
  return { ...registry, discovers, problems: problems.map(formatProblem) };
}

const DISCOVER = `
[nats]
discover = true
tags = ["gpu"]
[nats.default]
tags = ["found"]
read_only = true
connect_timeout = 5
`;

Deno.test("[nats] discover lists announced hosts with the rights and tags of [nats.default]", async () => {
  const { hosts, problems } = await read(`${DISCOVER}\n[hosts.a]\nssh_host = "a"\n`, {
    laptop: ["gpu", "prod"],
  });
  assert.deepEqual(problems, []);
  const laptop = hosts.get("laptop");
  assert.equal(laptop?.natsName, "laptop");
  assert.equal(laptop.isDiscovered, true);
  assert.deepEqual(laptop.tags, ["found", "gpu"]);
  assert.equal(laptop.rules.readOnly, true);
  assert.equal(laptop.timeouts.connectMs, 5_000);
  assert.equal(laptop.sshHost, null);
  assert.equal(hosts.get("a")?.rules.readOnly, false);
});

Deno.test("announced hosts are not listed unless [nats] says so", async () => {
  for (const text of ["", "[nats]\n", '[nats]\ndiscover = false\n[nats.default]\ntags = ["x"]\n']) {
    const { hosts, discovers } = await read(`[hosts.a]\nssh_host = "a"\n${text}`, { laptop: [] });
    assert.deepEqual([...hosts.keys()], ["a"]);
    assert.equal(discovers, false);
  }
});

Deno.test("an announced host takes no name that the registry uses", async () => {
  const text = `${DISCOVER}
[groups]
web = "a"
[hosts.a]
ssh_host = "a"
tags = ["prod"]
[hosts.b]
nats = "b-on-nats"
`;
  const names = ["a", "b-on-nats", "web", "prod", "gpu", "found", "all", "ok", "-x", "a b", ""];
  const { hosts, problems } = await read(
    text,
    Object.fromEntries(names.map((name) => [name, ["prod"]])),
  );
  assert.deepEqual(problems, []);
  assert.deepEqual([...hosts.keys()], ["a", "b", "ok"]);
  assert.equal(hosts.get("a")?.sshHost, "a");
  assert.equal(hosts.get("a")?.natsName, null);
  assert.deepEqual(hosts.get("ok")?.tags, ["found"]);
});

Deno.test("a client may name a host that has not announced itself yet, and the tags there may be", async () => {
  const text = `${DISCOVER}
[clients.ann]
token = "of-ann"
hosts = ["laptop", "@gpu"]
`;
  const before = await read(text);
  assert.deepEqual(before.problems.filter((line) => line.includes("error")), []);
  assert.deepEqual(before.clients.get("ann")?.hosts, new Set(["laptop"]));
  const after = await read(text, { laptop: [], rack: ["gpu"], other: ["prod"] });
  assert.deepEqual(after.clients.get("ann")?.hosts, new Set(["laptop", "rack"]));
  const without = await read(text.replace("discover = true", "discover = false"));
  assert.ok(without.problems.some((line) => line.includes("item 1 is neither a host nor a tag")));
});

Deno.test("no more than 10,000 announced hosts are listed", async () => {
  const names = Array.from({ length: 10_001 }, (_, at) => [`h${at}`, []] as const);
  const { hosts } = await read("[nats]\ndiscover = true\n", Object.fromEntries(names));
  assert.equal(hosts.size, 10_000);
});

Deno.test("faults in [nats] and in nats of a host are named", async () => {
  const { problems } = await read(`
[nats]
discover = "yes"
found = true
[nats.default]
nats = true
[hosts.a]
nats = "a b"
[hosts.b]
nats = 1
`);
  assert.deepEqual(problems, [
    "/r.toml:3: error: nats.discover: must be true or false",
    "/r.toml:4: error: nats.found: unknown field",
    "/r.toml:6: error: nats.default.nats: unknown field",
    "/r.toml:8: error: hosts.a.nats: must be true, or the name that the host's agents have on NATS",
    "/r.toml:10: error: hosts.b.nats: must be true, or the name that the host's agents have on NATS",
  ]);
});
