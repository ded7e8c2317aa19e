import assert from "node:assert/strict";
import { LEASE_MS } from "../../lib/agent/claims/lease.ts";
import { holdCommand } from "../held_command.ts";
import { at, request } from "../mcp/wire.ts";
import { findProcesses, uniqueSleep, until } from "../processes.ts";
import { callTool, postTo, unanswered, untilListening } from "./client.ts";
import { startFleet } from "./fleet.ts";
import { startProgram, temporaryFile } from "./program.ts";

/** Half of what calls that run are given to end. */
const AT_ONCE_MS = 5_000;

Deno.test("serve lists its tools over HTTP", async () => {
  await using hub = startProgram();
  await untilListening(hub.port);
  const response = await postTo(hub.url, request(1, "tools/list"));
  assert.equal(at(await response.json(), "result", "tools", 0, "name"), "remote_list_hosts");
  hub.kill("SIGTERM");
  assert.equal((await hub.ended).code, 0);
});

Deno.test("serve answers a running call before SIGTERM ends it", async () => {
  await using fleet = await startFleet();
  const { hub } = fleet;
  await using held = await holdCommand();
  const args = { host: "here", command: `${held.command}; echo done` };
  const running = callTool(hub.url, { tool: "remote_shell", args });
  await held.untilBegun();
  hub.kill("SIGTERM");
  await until(() => hub.said().includes("stopping"));
  await held.letGo();
  const { text } = await running;
  assert.equal(text, "[rc=0]\ndone\n");
  const startedAt = performance.now();
  assert.equal((await hub.ended).code, 0);
  assert.ok(performance.now() - startedAt < AT_ONCE_MS);
});

Deno.test("serve says on SIGINT what it waits for, and ends at once on a second one", async () => {
  await using fleet = await startFleet({ args: ["--quiet"] });
  const { hub } = fleet;
  const marker = uniqueSleep(1000);
  const args = { host: "here", command: `sleep ${marker}`, timeout: 2000 };
  const lost = unanswered(callTool(hub.url, { tool: "remote_shell", args }));
  await until(async () => (await findProcesses(`sleep ${marker}`)).length > 0);
  hub.kill("SIGINT");
  const expected =
    / WARN stopping: running calls have 10 s to end; a second signal ends them at once calls=1$/m;
  await until(() => expected.test(hub.said()));
  const startedAt = performance.now();
  hub.kill("SIGINT");
  assert.equal((await hub.ended).code, 1);
  assert.ok(performance.now() - startedAt < AT_ONCE_MS);
  await lost;
  await until(async () => (await findProcesses(marker)).length === 0, 1.5 * LEASE_MS);
});

Deno.test("serve runs a command once that takes longer than LMCP_HUB_LMCP_TIMEOUT", async () => {
  const env = { LMCP_HUB_CONNECT_TIMEOUT: "3", LMCP_HUB_LMCP_TIMEOUT: "2" };
  await using fleet = await startFleet({ env });
  await using count = await temporaryFile("count", "");
  const command = `echo run >>'${count.path}'; sleep 6; echo done`;
  const args = { host: "here", command, timeout: 20 };
  const { text } = await callTool(fleet.hub.url, { tool: "remote_shell", args });
  assert.equal(text, "[rc=0]\ndone\n");
  assert.equal(await Deno.readTextFile(count.path), "run\n");
});

for (const era of ["notification", "disconnect"] as const) {
  Deno.test(`serve ends a command through the agent on a client's ${era} within 3 s`, async () => {
    await using fleet = await startFleet();
    const { url } = fleet.hub;
    const marker = uniqueSleep(1000);
    const client = new AbortController();
    const headers = { "mcp-session-id": "s-1" };
    const running = callTool(url, {
      tool: "remote_shell",
      args: { host: "here", command: `sleep ${marker}`, timeout: 2000 },
      id: 7,
      modern: era === "disconnect",
      headers: era === "disconnect" ? {} : headers,
      signal: client.signal,
    });
    const failed = unanswered(running);
    await until(async () => (await findProcesses(`sleep ${marker}`)).length > 0);
    await new Promise((resolve) => setTimeout(resolve, 500));
    if (era === "disconnect") client.abort();
    else {
      const cancel = {
        jsonrpc: "2.0",
        method: "notifications/cancelled",
        params: { requestId: 7 },
      };
      await (await postTo(url, cancel, { headers })).body?.cancel();
    }
    await until(async () => (await findProcesses(marker)).length === 0, 3_000);
    await failed;
  });
}

Deno.test("serve leaves no command behind on an agent when it is killed", async () => {
  await using fleet = await startFleet();
  const marker = uniqueSleep(1000);
  const args = { host: "here", command: `sleep ${marker}`, timeout: 2000 };
  const lost = unanswered(callTool(fleet.hub.url, { tool: "remote_shell", args }));
  await until(async () => (await findProcesses(`sleep ${marker}`)).length > 0);
  fleet.hub.kill("SIGKILL");
  await until(async () => (await findProcesses(marker)).length === 0, 1.5 * LEASE_MS);
  await lost;
});
