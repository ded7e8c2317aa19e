import assert from "node:assert/strict";
import { sshTest } from "../fleet/ssh/target.ts";
import { freePort } from "../free_port.ts";
import { holdCommand } from "../held_command.ts";
import { findProcesses, uniqueSleep, until } from "../processes.ts";
import { startSshd } from "../sshd.ts";
import { callTool, untilListening } from "./client.ts";
import { type RunningProgram, runProgram, startProgram, temporaryFile } from "./program.ts";

const CANARY = "canary-1f0c9a7be2";

/** A hub whose host `target` has a real sshd, and a backend at `url`. */
async function startHub(url: string): Promise<{ hub: RunningProgram } & AsyncDisposable> {
  await using stack = new AsyncDisposableStack();
  const sshd = stack.use(await startSshd());
  const registry = stack.use(
    await temporaryFile("hosts.conf", `target target ${url} ${CANARY}-backend\n`),
  );
  const env = {
    LMCP_HUB_BACKENDS: registry.path,
    LMCP_HUB_SSH_CONFIG: sshd.sshConfig,
    LMCP_TOKEN: `${CANARY}-inbound`,
    LMCP_LOG_LEVEL: "debug",
  };
  const hub = stack.use(startProgram({ env }));
  await untilListening(hub.port);
  const owned = stack.move();
  return { hub, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

function shell(hub: RunningProgram, command: string) {
  return callTool(hub.url, {
    tool: "remote_shell",
    args: { host: "target", command },
    headers: { authorization: `Bearer ${CANARY}-inbound` },
  });
}

sshTest("serve falls back to ssh when the agent has been killed", async () => {
  await using agent = startProgram({ args: ["--agent"], permissions: "agent" });
  await untilListening(agent.port);
  await using started = await startHub(agent.url);
  const { hub } = started;
  assert.equal((await shell(hub, "echo one")).text, "[rc=0]\none\n");
  agent.kill("SIGKILL");
  await agent.ended;
  assert.equal((await shell(hub, "echo two")).text, "[via ssh fallback]\n[rc=0]\ntwo\n");
  hub.kill("SIGTERM");
  assert.equal((await hub.ended).code, 0);
});

sshTest("serve leaves no command behind over ssh when it is killed", async () => {
  await using started = await startHub(`http://127.0.0.1:${freePort()}/mcp`);
  const { hub } = started;
  const marker = uniqueSleep(1000);
  const lost = assert.rejects(shell(hub, `sleep ${marker}`));
  await until(async () => (await findProcesses(`sleep ${marker}`)).length > 0);
  hub.kill("SIGKILL");
  await until(async () => (await findProcesses(marker)).length === 0);
  await lost;
});

sshTest("serve shows its tokens nowhere", async () => {
  await using started = await startHub(`http://127.0.0.1:${freePort()}/mcp`);
  const { hub } = started;
  await using held = await holdCommand();
  const running = shell(hub, `env; cat /proc/$PPID/environ; ${held.command}`);
  await held.untilBegun();
  assert.deepEqual(await findProcesses(CANARY), []);
  await held.letGo();
  const answers = [JSON.stringify(await running)];
  const listing = await callTool(hub.url, {
    tool: "remote_list_hosts",
    headers: { authorization: `Bearer ${CANARY}-inbound` },
  });
  answers.push(JSON.stringify(listing));
  hub.kill("SIGTERM");
  const [{ stderr }, stdout] = await Promise.all([hub.ended, new Response(hub.stdout).text()]);
  for (const text of [...answers, stderr, stdout]) assert.doesNotMatch(text, new RegExp(CANARY));
});

sshTest("--probe reports a host that is up over ssh, and exits with 0", async () => {
  await using sshd = await startSshd();
  await using registry = await temporaryFile("hosts.conf", "target target - -\n");
  const env = { LMCP_HUB_BACKENDS: registry.path, LMCP_HUB_SSH_CONFIG: sshd.sshConfig };
  const { code, stdout } = await runProgram({ args: ["--probe"], env });
  assert.deepEqual([code, stdout], [0, "target         UP     via=ssh  paths=ssh\n"]);
});
