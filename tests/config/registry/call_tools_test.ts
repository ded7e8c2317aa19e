import assert from "node:assert/strict";
import { formatProblem } from "../../../lib/base/problem.ts";
import { parseRegistry } from "../../../lib/config/registry/load.ts";
import { USED_TOOLS } from "../../../lib/fleet/rules.ts";
import { fakeSources } from "../fake_sources.ts";

const defaults = { connectMs: 3000, lmcpMs: 6000, sshMs: 10_000, sshHardMs: 30_000 };

async function parse(text: string, path = "r.toml") {
  const { registry, problems } = await parseRegistry(text, { ...fakeSources(), path, defaults });
  const callTools = registry.hosts.get("a")?.callTools;
  return { callTools, problems: problems.map(formatProblem) };
}

const HOST = '[hosts.a]\nlmcp_url = "http://a/"\n';
const ALL = null;
const NONE = new Set<string>();

const VALUES: readonly (readonly [what: string, text: string, ReadonlySet<string> | null])[] = [
  ["nothing", HOST, NONE],
  ["false", `${HOST}call_tools = false\n`, NONE],
  ["true", `${HOST}call_tools = true\n`, ALL],
  ["an empty list", `${HOST}call_tools = []\n`, NONE],
  ["a list", `${HOST}call_tools = ["a.b", "c/d-e:F_9"]\n`, new Set(["a.b", "c/d-e:F_9"])],
  ["[defaults] alone", `[defaults]\ncall_tools = true\n${HOST}`, ALL],
  [
    "a host that narrows",
    `[defaults]\ncall_tools = true\n${HOST}call_tools = ["x"]\n`,
    new Set("x"),
  ],
  ["a host that forbids", `[defaults]\ncall_tools = true\n${HOST}call_tools = false\n`, NONE],
];

for (const [what, text, expected] of VALUES) {
  Deno.test(`parseRegistry() reads call_tools of ${what}`, async () => {
    assert.deepEqual(await parse(text), { callTools: expected, problems: [] });
  });
}

Deno.test("parseRegistry() lets nothing be called on the hosts of a legacy registry", async () => {
  const { callTools, problems } = await parse("a - http://a/ -\n", "r.conf");
  assert.deepEqual([callTools, problems], [NONE, []]);
});

const LIST = "must be true, or a list of names of tools of the host's own backend";
const FAULTS = [
  ['"backup"', LIST],
  ["1", LIST],
  ["[1]", LIST],
  ['["two words"]', LIST],
  ['[""]', LIST],
  [`["${"x".repeat(129)}"]`, LIST],
  ...[...USED_TOOLS].map(([name, tool]) => [
    `["backup", "${name}"]`,
    `must not name ${name}, which ${tool} is for`,
  ]),
] as const;

for (const [value, message] of FAULTS) {
  Deno.test(`parseRegistry() refuses call_tools = ${value?.slice(0, 40)}`, async () => {
    const { callTools, problems } = await parse(`${HOST}call_tools = ${value}\n`);
    assert.equal(callTools, undefined);
    assert.deepEqual(problems, [`r.toml:3: error: hosts.a.call_tools: ${message}`]);
  });
}

const IDLE = [
  [`${HOST}read_only = true\n`, "read_only rules out remote_call_tool"],
  [`[defaults]\nread_only = true\n${HOST}`, "read_only rules out remote_call_tool"],
  [`${HOST}tools = ["remote_shell"]\n`, "tools leaves out remote_call_tool"],
  ['[hosts.a]\nssh_host = "a"\n', "only a host with lmcp_url or nats has tools of its own"],
] as const;

for (const [text, why] of IDLE) {
  Deno.test(`parseRegistry() warns of call_tools that has no effect: ${why}`, async () => {
    const { problems } = await parse(`${text}call_tools = true\n`);
    const line = text.split("\n").length;
    assert.deepEqual(problems, [
      `r.toml:${line}: warning: hosts.a.call_tools: has no effect: ${why}`,
    ]);
    assert.deepEqual((await parse(`${text}call_tools = false\n`)).problems, []);
  });
}
