import assert from "node:assert/strict";
import type { JsonObject } from "../../../lib/mcp/message.ts";
import { newClaimId } from "../../../lib/work/claims/id.ts";
import { META_CLAIM, META_CLAIMS, SETTLE_METHOD } from "../../../lib/work/claims/protocol.ts";
import { postTo, untilListening } from "../../e2e/client.ts";
import { type RunningProgram, startProgram } from "../../e2e/program.ts";
import { at, modernHeaders, modernRequest, readEvents, request } from "../../mcp/wire.ts";
import { findProcesses, uniqueSleep, until } from "../../processes.ts";
import { removeDirectory } from "../../remove_directory.ts";

async function startAgent(stateDirectory: string): Promise<RunningProgram> {
  const env = { LMCP_STATE_DIR: stateDirectory, LMCP_WITHOUT_TOKEN: "1", LMCP_LOG_LEVEL: "warn" };
  const agent = startProgram({ permissions: "agent", args: ["--agent"], env });
  await untilListening(agent.port);
  return agent;
}

async function ask(
  { url }: RunningProgram,
  { method, params = {}, meta = {} }: {
    readonly method: string;
    readonly params?: JsonObject;
    readonly meta?: JsonObject;
  },
): Promise<unknown> {
  const message = modernRequest(1, method, params, meta);
  const response = await postTo(url, message, { headers: modernHeaders(message) });
  const isStream = response.headers.get("content-type") === "text/event-stream";
  const answer = isStream ? (await readEvents(response)).at(-1) : await response.json();
  return at(answer, "result");
}

async function settle(agent: RunningProgram, id: string, waitMs = 10_000): Promise<unknown> {
  const discovered = await ask(agent, { method: "server/discover" });
  const folder = at(discovered, "_meta", META_CLAIMS, "id");
  return await ask(agent, {
    method: SETTLE_METHOD,
    params: { id, folder, ageSeconds: 0, waitMs },
  });
}

Deno.test("an agent with the permissions that it ships with claims, and lets others ask", async () => {
  const stateDirectory = await Deno.makeTempDir();
  await using agent = await startAgent(stateDirectory);
  const discovered = await ask(agent, { method: "server/discover" });
  assert.equal(at(discovered, "_meta", META_CLAIMS, "directory"), `${stateDirectory}/claims`);
  const initialized = await postTo(agent.url, request(1, "initialize"));
  assert.equal(
    at(await initialized.json(), "result", "_meta", META_CLAIMS, "directory"),
    `${stateDirectory}/claims`,
  );
  const id = newClaimId();
  const params = { name: "shell", arguments: { command: "echo done" } };
  const result = await ask(agent, { method: "tools/call", params, meta: { [META_CLAIM]: { id } } });
  assert.equal(at(result, "content", 0, "text"), "[rc=0]\ndone\n");
  const settled = await settle(agent, id);
  assert.deepEqual(
    [at(settled, "state"), at(settled, "result", "content", 0, "text")],
    ["ended", "[rc=0]\ndone\n"],
  );
  assert.equal(at(await settle(agent, "../x"), "state"), "unable");
  assert.equal(agent.said(), "");
  await removeDirectory(stateDirectory);
});

Deno.test("of a call whose agent was killed, the next agent says that it began and was cut off", async () => {
  const stateDirectory = await Deno.makeTempDir();
  const id = newClaimId();
  const sleep = uniqueSleep(30);
  const command = `echo run >>${stateDirectory}/runs; sleep ${sleep}; echo again`;
  const call = {
    method: "tools/call",
    params: { name: "shell", arguments: { command } },
    meta: { [META_CLAIM]: { id } },
  };
  {
    await using first = await startAgent(stateDirectory);
    const lost = ask(first, call).catch(() => "lost");
    await until(async () => (await findProcesses(sleep)).length > 0);
    assert.equal(at(await settle(first, id, 200), "state"), "running");
    first.kill("SIGKILL");
    assert.equal(await lost, "lost");
    await first.ended;
  }
  await using second = await startAgent(stateDirectory);
  assert.equal(at(await settle(second, id), "state"), "gone");
  assert.equal(at(await ask(second, call), "_meta", META_CLAIM, "state"), "gone");
  assert.equal(await Deno.readTextFile(`${stateDirectory}/runs`), "run\n");
  await until(async () => (await findProcesses(sleep)).length === 0);
  await removeDirectory(stateDirectory);
});
