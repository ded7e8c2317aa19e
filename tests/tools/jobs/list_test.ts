import assert from "node:assert/strict";
import type { Host } from "../../../lib/fleet/host.ts";
import { openBlackHole } from "../../lab/black_hole.ts";
import { startBackend } from "../../lab/backend.ts";
import { unknownTool } from "../../lab/faults/rpc.ts";
import { createFakeSsh } from "../../lab/fake_ssh.ts";
import { labHost } from "../../lab/host.ts";
import { openHub } from "../../lab/hub.ts";
import { callRecord } from "../../calls/record.ts";
import { freePort } from "../../free_port.ts";
import { backendGives } from "../dispatches.ts";
import { createCaller, TARGET } from "../tool_calls.ts";

const NO_TOOL = { behaviour: () => unknownTool };

function job(id: string, parts: Record<string, unknown> = {}) {
  return {
    id: id.padEnd(32, "0"),
    state: "exited",
    exit_code: 0,
    name: null,
    command: "make all",
    pid: 7,
    started_at: 1_700_000_000,
    age_s: 7_200,
    duration_s: 60,
    killed_by: null,
    log: "/x/out",
    ...parts,
  };
}

function listOf(...jobs: readonly unknown[]) {
  return {
    content: [{ type: "text", text: "" }],
    structuredContent: { jobs, left_out: 0, hidden: false },
  };
}

const listIn = async (
  hosts: readonly Host[],
  args = {},
  record = callRecord({ deliveries: [] }),
) => {
  await using hub = openHub({ hosts });
  const { content: [first] } = await hub.call("remote_jobs", args, { record });
  return { text: first?.type === "text" ? first.text : "", record };
};

Deno.test("remote_jobs lists the jobs of all hosts, the newest first", async () => {
  await using one = await startBackend({
    result: listOf(
      job("aaaaaaaa", { started_at: 1_700_000_005, age_s: 30, name: "nightly" }),
      job("bbbbbbbb", { started_at: 1_700_000_001, state: "running", exit_code: null }),
    ),
  });
  await using two = await startBackend({
    result: listOf(job("cccccccc", { started_at: 1_700_000_003, command: "a\nb" })),
  });
  const hosts = [
    labHost({ name: "one", lmcpUrl: one.url }),
    labHost({ name: "two", lmcpUrl: two.url }),
  ];
  const { text, record } = await listIn(hosts);
  assert.equal(
    text,
    "aaaaaaaa  one  exited 0  30 s ago  nightly\n" +
      "cccccccc  two  exited 0  2 h ago  a …\n" +
      "bbbbbbbb  one  running  2 h ago  make all",
  );
  assert.deepEqual(record.deliveries.map(({ host }) => host).sort(), ["one", "two"]);
  const { text: narrow } = await listIn(hosts, { targets: "two" });
  assert.match(narrow, /^cccccccc {2}two[^\n]*$/);
});

Deno.test("remote_jobs names hosts that do not answer, which delay no other", async () => {
  using hole = await openBlackHole();
  await using good = await startBackend({ result: listOf(job("aaaaaaaa")) });
  const timeouts = { connectMs: 1_500 };
  const silent = (name: string) => labHost({ name, lmcpUrl: hole.url, sshHost: null, timeouts });
  const refusing = `http://127.0.0.1:${freePort()}/mcp`;
  const startedAt = performance.now();
  const { text } = await listIn([
    labHost({ name: "good", lmcpUrl: good.url }),
    silent("web1"),
    silent("web2"),
    labHost({ name: "db", lmcpUrl: refusing, sshHost: null }),
  ]);
  // Half of how long a host is waited for that has been connected to.
  assert.ok(performance.now() - startedAt < 10_000);
  assert.match(text, /^aaaaaaaa {2}good .*\nno answer: /);
  assert.match(text, /db \(lmcp: connect: connection refused\)/);
  assert.match(text, /web\[1-2\] \(lmcp: connect: timeout/);
});

Deno.test("remote_jobs does not wait for a host that keeps silent", async () => {
  await using slow = await startBackend({
    behaviour: ({ method }) =>
      method === "tools/call"
        ? { name: "silent", runs: true, strike: ({ connection }) => connection.closed }
        : null,
  });
  const timeouts = { connectMs: 2_000, lmcpMs: 60_000 };
  const { text } = await listIn([
    labHost({ name: "slow", lmcpUrl: slow.url, sshHost: null, timeouts }),
  ]);
  assert.equal(text, "no jobs\nno answer: slow (no answer within 3.5 s)");
});

Deno.test("jobs of a host whose server has none are asked for over ssh, where there is ssh", async () => {
  await using foreign = await startBackend(NO_TOOL);
  const ssh = createFakeSsh();
  await using hub = openHub({
    ssh,
    hosts: [
      labHost({ name: "both", lmcpUrl: foreign.url }),
      labHost({ name: "alone", lmcpUrl: foreign.url, sshHost: null }),
    ],
  });
  const { content: [list] } = await hub.call("remote_jobs", {});
  // The fake ssh answers with something else than a list.
  const nothing = "cannot list jobs: the list has no end";
  const none = 'the server of "alone" has no jobs, and there is no ssh to it';
  assert.ok(list?.type === "text");
  assert.equal(list.text, `no jobs\nno answer: alone (${none}); both (${nothing})`);
  assert.equal(ssh.uses.length, 1);
  for (const tool of ["remote_output", "remote_kill"]) {
    const { content: [first], isError } = await hub.call(tool, {
      host: "alone",
      id: "a".repeat(8),
    });
    assert.ok(first?.type === "text" && isError);
    assert.equal(first.text, `Error: ${none}`);
    await hub.call(tool, { host: "both", id: "a".repeat(8) });
  }
  assert.equal(ssh.uses.length, 3);
});

Deno.test("a server that answers as if its tool had failed is passed over, too", async () => {
  const text = "MCP error -32602: Tool jobs not found";
  await using foreign = await startBackend({
    result: { content: [{ type: "text", text }], isError: true },
  });
  const ssh = createFakeSsh();
  await using hub = openHub({ ssh, hosts: [labHost({ name: "both", lmcpUrl: foreign.url })] });
  const record = callRecord({ deliveries: [] });
  await hub.call("remote_jobs", {}, { record });
  assert.equal(ssh.uses.length, 1);
  assert.deepEqual(record.deliveries.map(({ host, via }) => [host, via]), [["both", "ssh"]]);
});

Deno.test("remote_jobs shows nothing of a host's words but one line each", async () => {
  const odd = job("aaaaaaaa", { name: "a\nforged  web1\u001b[2J", state: "odd\nstate" });
  const call = createCaller({ dispatch: backendGives(listOf(odd)) });
  const { text, structured } = await call("remote_jobs");
  assert.doesNotMatch(text, /[^\P{Cc}]/u);
  assert.match(text, /^aaaaaaaa {2}target {2}lost 0 {2}2 h ago {2}a forged/);
  assert.ok(structured);
  const other = createCaller({ dispatch: backendGives(listOf({ ...odd, id: "no id" })) });
  assert.match((await other("remote_jobs")).text, /^no jobs\nno answer: target \(its server has/);
});

Deno.test("remote_jobs shows a hundred jobs, and says how many there are", async () => {
  const many = Array.from({ length: 150 }, (_, index) => job(String(10_000_000 + index)));
  const result = listOf(...many);
  const structuredContent = { ...result.structuredContent, left_out: 25, hidden: true };
  const call = createCaller({ dispatch: backendGives({ ...result, structuredContent }) });
  const { text, structured } = await call("remote_jobs");
  const lines = text.split("\n");
  assert.equal(lines.length, 102);
  assert.equal(lines[100], "75 more: narrow the list with targets or state");
  assert.match(lines[101] ?? "", /^not all of target: those of the agent there are seen by/);
  assert.ok(Array.isArray(structured.jobs) && structured.jobs.length === 150);
});

Deno.test("remote_jobs returns no more from a host than a host may send", async () => {
  const long = "x".repeat(100_000);
  const words = { name: long, command: long, log: long, killed_by: long, state: long };
  const many = Array.from({ length: 5_000 }, (_, index) => job(String(10_000_000 + index), words));
  const { text, structured } = await createCaller({ dispatch: backendGives(listOf(...many)) })(
    "remote_jobs",
  );
  assert.ok(JSON.stringify(structured).length < 1_000_000);
  assert.equal(structured.left_out, 4_800);
  assert.match(text, /\n4900 more: narrow the list with targets or state$/);
});

Deno.test("remote_jobs refuses targets that nobody has", async () => {
  const call = createCaller({});
  assert.match((await call("remote_jobs", { targets: "nobody" })).text, /^Error: .*nobody/);
  assert.match((await call("remote_jobs", { state: "odd" })).text, /^Error: bad `state` parameter/);
  const none = createCaller({
    hosts: [{ ...TARGET, rules: { tools: new Set(), readOnly: false } }],
  });
  assert.equal(
    (await none("remote_jobs")).text,
    "no jobs\nno answer: target (remote_jobs is not allowed there)",
  );
});
