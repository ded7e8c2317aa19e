import assert from "node:assert/strict";
import { findProcesses, until } from "../processes.ts";
import { findDescendants } from "../fleet/ssh/spare_target.ts";
import { sshTest } from "../fleet/ssh/target.ts";
import { freePort } from "../free_port.ts";
import { startSshd, type TestSshd } from "../sshd.ts";
import { callTool, untilListening } from "./client.ts";
import { type RunningProgram, runProgram, startProgram, temporaryFile } from "./program.ts";

interface Lab extends AsyncDisposable {
  readonly hub: RunningProgram;
  /** How many shells of the hub's sessions there are on the host. */
  readonly shells: () => Promise<number>;
  /** The value of a metric. */
  readonly metric: (name: string) => Promise<number>;
  readonly list: () => Promise<unknown>;
}

/** A hub whose host `target` has a real sshd, and a backend that is down, or none. */
async function startLab({ url = "-", env = {}, args = [] }: {
  readonly url?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly args?: readonly string[];
} = {}): Promise<Lab> {
  await using stack = new AsyncDisposableStack();
  const sshd = stack.use(await startSshd());
  const registry = stack.use(await temporaryFile("hosts.conf", `target target ${url} -\n`));
  const hub = stack.use(startProgram({
    args,
    env: { LMCP_HUB_BACKENDS: registry.path, LMCP_HUB_SSH_CONFIG: sshd.sshConfig, ...env },
  }));
  if (args.length === 0) await untilListening(hub.port);
  const owned = stack.move();
  return {
    hub,
    shells: () => countShells(sshd),
    metric: async (name) => {
      const text = await (await fetch(new URL("/metrics", hub.url))).text();
      return Number(new RegExp(`^${name} (\\d+)$`, "m").exec(text)?.[1]);
    },
    list: () => callTool(hub.url, { tool: "remote_list_hosts", args: { force: true } }),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

async function countShells(sshd: TestSshd): Promise<number> {
  const ofSshd = await findDescendants(sshd.pid);
  return (await findProcesses("bash -s")).filter((pid) => ofSshd.includes(pid)).length;
}

async function shell({ hub }: Lab, command: string): Promise<string> {
  const args = { host: "target", command };
  return (await callTool(hub.url, { tool: "remote_shell", args })).text;
}

/** A backend that is down. */
const downUrl = () => `http://127.0.0.1:${freePort()}/mcp`;

sshTest(
  "serve has a session ready for the first call to a host whose backend is down",
  async () => {
    await using lab = await startLab({ url: downUrl() });
    await lab.list();
    await until(async () => await lab.metric("lmcp_hub_ssh_spares") === 1);
    await until(async () => await lab.shells() === 1);
    assert.equal(await shell(lab, "echo one"), "[via ssh fallback]\n[rc=0]\none\n");
    assert.equal(await lab.metric("lmcp_hub_ssh_spares_taken_total"), 1);
  },
);

sshTest("serve has none ready for a host that has only ssh, before a call", async () => {
  await using lab = await startLab();
  // By the end of each, one that was opened behind the one before it would be ready.
  for (let times = 0; times < 3; times++) await lab.list();
  assert.equal(await lab.metric("lmcp_hub_ssh_spares"), 0);
  await shell(lab, ":");
  await until(async () => await lab.metric("lmcp_hub_ssh_spares") === 1);
});

sshTest("serve keeps no session with LMCP_HUB_SSH_SPARES=0", async () => {
  await using lab = await startLab({ url: downUrl(), env: { LMCP_HUB_SSH_SPARES: "0" } });
  await lab.list();
  for (let times = 0; times < 2; times++) {
    assert.equal(await shell(lab, "echo one"), "[via ssh fallback]\n[rc=0]\none\n");
    // A session that is kept waits for minutes.
    await until(async () => await lab.shells() === 0);
  }
  assert.equal(await lab.metric("lmcp_hub_ssh_spares_taken_total"), 0);
});

for (const signal of ["SIGTERM", "SIGKILL"] as const) {
  sshTest(`serve leaves no session behind when it gets ${signal}`, async () => {
    await using lab = await startLab();
    await shell(lab, ":");
    await until(async () => await lab.metric("lmcp_hub_ssh_spares") === 1);
    await until(async () => await lab.shells() === 1);
    let processes: readonly number[] = [];
    await until(async () => (processes = await findDescendants(lab.hub.pid)).length === 1);
    lab.hub.kill(signal);
    await lab.hub.ended;
    await until(async () => await lab.shells() === 0);
    await until(async () => {
      return !(await findProcesses("")).some((pid) => processes.includes(pid));
    });
  });
}

sshTest("--stdio leaves no session behind when its input ends", async () => {
  await using lab = await startLab({ args: ["--stdio"] });
  const { hub, shells } = lab;
  const writer = hub.stdin.getWriter();
  const params = { name: "remote_shell", arguments: { host: "target", command: "echo one" } };
  const messages = [
    {
      jsonrpc: "2.0",
      id: 1,
      method: "initialize",
      params: {
        protocolVersion: "2025-06-18",
        capabilities: {},
        clientInfo: { name: "test", version: "1" },
      },
    },
    { jsonrpc: "2.0", id: 2, method: "tools/call", params },
  ];
  for (const message of messages) {
    await writer.write(new TextEncoder().encode(`${JSON.stringify(message)}\n`));
  }
  await until(async () => await shells() === 1);
  await writer.close();
  assert.equal((await hub.ended).code, 0);
  await until(async () => await shells() === 0);
});

sshTest("--probe opens no session that waits", async () => {
  await using sshd = await startSshd();
  const text = `target target ${downUrl()} -\n`;
  await using registry = await temporaryFile("hosts.conf", text);
  const env = { LMCP_HUB_BACKENDS: registry.path, LMCP_HUB_SSH_CONFIG: sshd.sshConfig };
  const { code } = await runProgram({ args: ["--probe"], env });
  assert.equal(code, 0);
  await until(async () => await countShells(sshd) === 0);
});
