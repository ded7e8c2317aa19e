import assert from "node:assert/strict";
import { parseRegistry } from "../../../lib/config/registry/load.ts";
import { formatProblem } from "../../../lib/base/problem.ts";
import { fakeSources } from "../fake_sources.ts";

const HOSTS = `[hosts.web01]
ssh_host = "w1"
tags = ["front"]
[hosts.web02]
ssh_host = "w2"
tags = ["front"]
[hosts.db1]
ssh_host = "d"
[groups]
`;
const FIRST_LINE = HOSTS.split("\n").length;

async function parse(groups: string) {
  const defaults = { connectMs: 3000, lmcpMs: 6000, sshMs: 10_000, sshHardMs: 30_000 };
  const { registry, problems } = await parseRegistry(HOSTS + groups, {
    path: "/etc/hosts.toml",
    defaults,
    ...fakeSources({}),
  });
  const members = Object.fromEntries([...registry.groups].map(([name, of]) => [name, [...of]]));
  return { members, problems: problems.map(formatProblem) };
}

Deno.test("parseRegistry() resolves groups: of hosts, tags and other groups, in any order", async () => {
  const { members, problems } = await parse(`
most = "@both ! web01"
both = ["@front", "@data"]
data = "db*"
range = "web[01-02]"
everything = "@all"
`);
  assert.deepEqual(problems, []);
  assert.deepEqual(members, {
    data: ["db1"],
    both: ["web01", "web02", "db1"],
    most: ["web02", "db1"],
    range: ["web01", "web02"],
    everything: ["web01", "web02", "db1"],
  });
});

for (
  const [group, field, fault] of [
    ['a = "web03"', "a", 'unknown host "web03"; did you mean "web01" or "web02"?'],
    ['a = "@frnt"', "a", 'unknown tag or group "@frnt"; did you mean "@front"?'],
    ['a = "web* ! @front"', "a", "no host is in it"],
    ['a = "db1, abcdefgh"', "a", "word 2 is no host"],
    ['a = "db1 @abcdefgh"', "a", "word 2 is no tag or group"],
    ['a = "abcdefgh*"', "a", "word 1 matches no host"],
    ['a = "abc[d"', "a", "word 1 cannot be read: a range is written as [01-20,31]"],
    ['a = "web01 ! db1 abcdefgh"', "a", 'word 3 follows "&" or "!": put it before them'],
    ['a = ""', "a", 'targets are empty: "@all" means all hosts'],
    ['a = "@a"', "a", "is in itself: @a, @a"],
    ["a = 1", "a", 'must be a text, such as "web[01-20], @db"'],
    ['all = "db1"', "all", "is the name of the group of all hosts: choose another one"],
    ['front = "db1"', "front", "is the name of a tag, too: rename one of them"],
    [
      '"a b" = "db1"',
      '"a b"',
      'a group name holds letters, digits, ".", "_" and "-", and starts with none of "." and "-"',
    ],
  ] as const
) {
  Deno.test(`parseRegistry() refuses the group ${group}`, async () => {
    const { members, problems } = await parse(group);
    assert.deepEqual(members, {});
    assert.deepEqual(problems, [
      `/etc/hosts.toml:${FIRST_LINE}: error: groups.${field}: ${fault}`,
    ]);
  });
}

Deno.test("parseRegistry() refuses groups that are in themselves by way of others", async () => {
  const { problems } = await parse('a = "@b"\nb = "db1 @a"\nc = "@a"');
  const [first, second, third] = [0, 1, 2].map((at) => `/etc/hosts.toml:${FIRST_LINE + at}: error`);
  assert.deepEqual(problems, [
    `${first}: groups.a: needs the group "@b", which has a fault`,
    `${second}: groups.b: is in itself: @a, @b, @a`,
    `${third}: groups.c: needs the group "@a", which has a fault`,
  ]);
});

Deno.test("parseRegistry() knows tags of [defaults] in groups, and as names that no group may have", async () => {
  const withTag = (groups: string) => parse(`${groups}\n[defaults]\ntags = ["lab"]\n`);
  assert.deepEqual(await withTag('all-lab = "@lab"'), {
    members: { "all-lab": ["db1"] },
    problems: [],
  });
  assert.deepEqual((await withTag('lab = "web01"')).problems, [
    `/etc/hosts.toml:${FIRST_LINE}: error: groups.lab: is the name of a tag, too: rename one of them`,
  ]);
});

Deno.test("parseRegistry() refuses groups in groups in groups without end", async () => {
  const chain = Array.from({ length: 5_000 }, (_, at) => `g${at} = "@g${at + 1}"`);
  const { problems } = await parse([...chain, 'g5000 = "db1"'].join("\n"));
  assert.ok(problems.some((problem) => problem.endsWith("is 32 groups deep: name hosts or tags")));
});
