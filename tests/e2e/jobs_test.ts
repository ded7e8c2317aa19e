import assert from "node:assert/strict";
import { freePort } from "../free_port.ts";
import { at } from "../mcp/wire.ts";
import { findProcesses, uniqueSleep, until } from "../processes.ts";
import { callTool, untilListening } from "./client.ts";
import { type RunningProgram, startProgram, temporaryFile } from "./program.ts";

Deno.test("a job goes on when hub and agent are killed, and the next ones follow and end it", async () => {
  const state = await Deno.makeTempDir();
  const port = freePort();
  await using registry = await temporaryFile(
    "hosts.conf",
    `here - http://127.0.0.1:${port}/mcp -\n`,
  );
  const start = async (permissions: "hub" | "agent", env: Record<string, string>) => {
    const args = permissions === "agent" ? ["--agent"] : [];
    const program = startProgram({ permissions, args, env });
    await untilListening(Number(env.LMCP_PORT ?? program.port));
    return program;
  };
  const startAgent = () => start("agent", { LMCP_PORT: String(port), LMCP_STATE_DIR: state });
  const startHub = () => start("hub", { LMCP_HUB_BACKENDS: registry.path });
  const call = (hub: RunningProgram, tool: string, args: Record<string, unknown>) =>
    callTool(hub.url, { tool, args: { host: "here", ...args } });
  const sleep = uniqueSleep(60);
  let id: unknown;
  {
    await using agent = await startAgent();
    await using hub = await startHub();
    const command = `sleep ${sleep} & echo begun; sleep 1; echo on; wait`;
    const started = await call(hub, "remote_shell_bg", { command, name: "long" });
    id = at(started.structured, "details", "id");
    for (const program of [hub, agent]) program.kill("SIGKILL");
    await Promise.all([hub.ended, agent.ended]);
  }
  await until(async () => (await findProcesses(sleep)).length === 1);
  await using _agent = await startAgent();
  await using hub = await startHub();
  const more = await call(hub, "remote_output", { id, offset: 6, wait: 20 });
  assert.equal(at(more.structured, "text"), "on\n");
  assert.equal(at(more.structured, "state"), "running");
  const killed = await call(hub, "remote_kill", { id });
  assert.equal(at(killed.structured, "exit_code"), 143);
  await until(async () => (await findProcesses(sleep)).length === 0, 5_000);
  hub.kill("SIGTERM");
  const { stderr } = await hub.ended;
  const lines = stderr.split("\n").filter((line) => line.startsWith("{"))
    .map((line) => JSON.parse(line));
  const ends = lines.filter((line) => at(line, "event") === "ended");
  assert.deepEqual(
    ends.map(({ tool, host, via, outcome }) => [tool, host, via, outcome]),
    [
      ["remote_output", "here", "lmcp", "ok"],
      ["remote_kill", "here", "lmcp", "ok"],
    ],
  );
  await Deno.remove(state, { recursive: true });
});
