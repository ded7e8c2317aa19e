import assert from "node:assert/strict";
import { startAgentServer } from "../../lab/agent_server.ts";
import { at } from "../../mcp/wire.ts";
import { until } from "../../processes.ts";
import { clientTable, hostTable, INBOUND, openViewLab, type ViewLab } from "./view_lab.ts";

const NEVER = new AbortController().signal;

/** A host with a real agent, and a client that may only read. */
async function openFleet() {
  const home = await Deno.makeTempDir();
  const agent = startAgentServer(home);
  const registry = hostTable("here", { lmcp_url: agent.url }) +
    clientTable("reader", { read_only: true }) +
    clientTable("lister", { tools: ["remote_list_hosts", "remote_shell"] });
  const lab = await openViewLab({ registry });
  return {
    ...lab,
    home,
    [Symbol.asyncDispose]: async () => {
      await lab[Symbol.asyncDispose]();
      await agent[Symbol.asyncDispose]();
      await Deno.remove(home, { recursive: true });
    },
  };
}

async function startJob(lab: ViewLab, command: string): Promise<string> {
  const args = { host: "here", command, name: "a\u202ejob" };
  const answer = await lab.call("default", "remote_shell_bg", args);
  return String(at(answer, "result", "structuredContent", "details", "id"));
}

Deno.test("a view lists jobs, follows an output and ends a job, as the tools do", async () => {
  await using lab = await openFleet();
  const command = "echo one; until [ -e ~/go ]; do sleep 0.05; done; echo two; sleep 60";
  const id = await startJob(lab, `${command}\necho never`);
  const view = lab.open("default");
  const { jobs, problem } = await view.jobs("here", NEVER);
  assert.equal(problem, null);
  const [job, ...others] = jobs;
  assert.deepEqual(others, []);
  assert.deepEqual([job?.id, job?.name, job?.command, job?.state, job?.endedAt, job?.mayEnd], [
    id,
    "ajob",
    `${command} …`,
    "running",
    null,
    true,
  ]);
  assert.ok(Math.abs(Date.now() - (job?.startedAt ?? 0)) < 60_000);
  const first = await view.jobOutput({ host: "here", id, offset: 0, waitSeconds: 20 }, NEVER);
  assert.deepEqual([first.text, first.nextOffset, first.problem], ["one\n", 4, null]);
  await Deno.writeTextFile(`${lab.home}/go`, "");
  const more = await view.jobOutput({ host: "here", id, offset: 4, waitSeconds: 20 }, NEVER);
  assert.deepEqual([more.text, more.nextOffset, more.state], ["two\n", 8, "running"]);
  assert.equal(await view.endJob({ host: "here", id }, NEVER), null);
  const after = (await view.jobs("here", NEVER)).jobs[0];
  assert.deepEqual([after?.state, after?.exitCode, after?.mayEnd], ["killed", 143, false]);
  assert.ok((after?.endedAt ?? 0) >= (after?.startedAt ?? Infinity));
});

Deno.test("what a view does is recorded as the page's, with its principal; what it reads is not shown", async () => {
  await using lab = await openFleet();
  const id = await startJob(lab, "sleep 60");
  const view = lab.open("default");
  const shownBefore = view.snapshot();
  assert.equal(await view.probe("", NEVER), null);
  await view.jobs("here", NEVER);
  await view.jobOutput({ host: "here", id, offset: 0, waitSeconds: 0 }, NEVER);
  const { calls, tiles } = view.snapshot();
  assert.equal(calls, shownBefore.calls);
  assert.equal(tiles.callsInDay, shownBefore.tiles.callsInDay);
  await view.endJob({ host: "here", id }, NEVER);
  const recorded = lab.records.slice(1).map((
    { tool, principal, client, outcome },
  ) => [tool, principal, client?.name, outcome]);
  assert.deepEqual(recorded, [
    ["remote_list_hosts", "default", "fleet page", "ok"],
    ["remote_jobs", "default", "fleet page", "ok"],
    ["remote_output", "default", "fleet page", "ok"],
    ["remote_kill", "default", "fleet page", "ok"],
  ]);
  const [ended] = view.snapshot().calls.recent;
  assert.deepEqual([ended?.tool, ended?.client?.split(" ")[0]], ["remote_kill", "fleet"]);
});

Deno.test("a client that calls itself like the page is shown all the same", async () => {
  await using lab = await openFleet();
  const message = {
    jsonrpc: "2.0",
    id: 1,
    method: "tools/call",
    params: {
      name: "remote_list_hosts",
      arguments: {},
      _meta: {
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientCapabilities": {},
        "io.modelcontextprotocol/clientInfo": { name: "fleet page", version: "1" },
      },
    },
  };
  await lab.server.handle(JSON.stringify(message), {
    principal: "reader",
    results: null,
    channel: { kind: "pipe", id: "x" },
    gone: NEVER,
    notify() {},
  });
  const [call] = lab.open("reader").snapshot().calls.recent;
  assert.deepEqual([call?.tool, call?.client], ["remote_list_hosts", "fleet page 1"]);
});

Deno.test("a view does nothing that its principal may not do by tools", async () => {
  await using lab = await openFleet();
  const id = await startJob(lab, "sleep 60");
  const reader = lab.open("reader");
  const [job] = (await reader.jobs("here", NEVER)).jobs;
  assert.deepEqual([job?.id, job?.mayEnd], [id, false]);
  assert.match(await reader.endJob({ host: "here", id }, NEVER) ?? "", /remote_kill/);
  const lister = lab.open("lister");
  const { jobs, problem } = await lister.jobs("here", NEVER);
  assert.deepEqual(jobs, []);
  assert.match(problem ?? "", /remote_jobs/);
  const wanted = { host: "here", id, offset: 0, waitSeconds: 0 };
  assert.match((await lister.jobOutput(wanted, NEVER)).problem ?? "", /not allowed/);
  assert.match(
    (await reader.jobOutput({ ...wanted, host: "no" }, NEVER)).problem ?? "",
    /unknown host/,
  );
  assert.match((await reader.jobs("no", NEVER)).problem ?? "", /./);
  const states = (await lab.open("default").jobs("here", NEVER)).jobs.map(({ state }) => state);
  assert.deepEqual(states, ["running"]);
  await lab.open("default").endJob({ host: "here", id }, NEVER);
});

Deno.test("a view that waits for an output ends its call when its reader leaves", async () => {
  await using lab = await openFleet();
  const id = await startJob(lab, "sleep 60");
  const reader = new AbortController();
  const wanted = { host: "here", id, offset: 0, waitSeconds: 20 };
  const output = lab.open("default").jobOutput(wanted, reader.signal);
  await until(() => lab.server.runningCalls() === 1);
  assert.deepEqual(lab.open("default").snapshot().calls.running, []);
  reader.abort();
  assert.notEqual((await output).problem, null);
  assert.equal(lab.server.runningCalls(), 0);
  await lab.open("default").endJob({ host: "here", id }, NEVER);
});

Deno.test("a view shows no secret of the hub in jobs and their output, not even to an operator", async () => {
  await using lab = await openFleet();
  const id = await startJob(lab, `echo ${INBOUND}`);
  const view = lab.open("default");
  const wanted = { host: "here", id, offset: 0, waitSeconds: 20 };
  await until(async () => (await view.jobOutput(wanted, NEVER)).state === "exited");
  const shown = JSON.stringify([
    await view.jobs("here", NEVER),
    await view.jobOutput(wanted, NEVER),
  ]);
  assert.doesNotMatch(shown, /canary/);
  assert.match(shown, /echo \[secret\].*\[secret\]\\n/);
});

Deno.test("a view shows what an agent says of itself, once it was asked", async () => {
  await using lab = await openFleet();
  const view = lab.open("default");
  assert.equal(view.host("here")?.agent, null);
  await lab.probeAll();
  const { agent } = view.host("here") ?? {};
  assert.deepEqual({ ...agent, tools: 0 }, {
    name: "a",
    version: "1",
    protocol: "2026-07-28",
    claims: false,
    tools: 0,
  });
  assert.ok((agent?.tools ?? 0) > 5);
});
