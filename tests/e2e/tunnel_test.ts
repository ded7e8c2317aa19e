import assert from "node:assert/strict";
import { sshTest } from "../fleet/ssh/target.ts";
import { at } from "../mcp/wire.ts";
import { findChildren, until } from "../processes.ts";
import { startSshd, type TestSshd } from "../sshd.ts";
import { callTool, untilListening } from "./client.ts";
import { type RunningProgram, runProgram, startProgram, temporaryFile } from "./program.ts";

interface Lab extends AsyncDisposable {
  readonly sshd: TestSshd;
  readonly hub: RunningProgram;
  readonly agent: RunningProgram;
  readonly env: Readonly<Record<string, string>>;
  readonly shell: (command: string) => ReturnType<typeof callTool>;
  /** Starts the agent again, on the same port. */
  readonly startAgent: () => Promise<void>;
}

/** A hub that reaches an agent through a real sshd, all with the permissions that they ship with. */
async function startLab(serverConfig: readonly string[] = []): Promise<Lab> {
  await using stack = new AsyncDisposableStack();
  const sshd = stack.use(await startSshd({ serverConfig }));
  const agent = stack.use(startProgram({ args: ["--agent"], permissions: "agent" }));
  const registry = stack.use(
    await temporaryFile(
      "hosts.toml",
      `[hosts.target]\nlmcp_url = "ssh://target:${agent.port}/mcp"\nssh_host = "target"\n`,
    ),
  );
  const env = { LMCP_HUB_BACKENDS: registry.path, LMCP_HUB_SSH_CONFIG: sshd.sshConfig };
  const hub = stack.use(startProgram({ env }));
  await Promise.all([untilListening(agent.port), untilListening(hub.port)]);
  const owned = stack.move();
  return {
    sshd,
    hub,
    agent,
    env,
    shell: (command) =>
      callTool(hub.url, { tool: "remote_shell", args: { host: "target", command } }),
    startAgent: async () => {
      const options = { args: ["--agent"], permissions: "agent" } as const;
      owned.use(startProgram({ ...options, env: { LMCP_PORT: String(agent.port) } }));
      await untilListening(agent.port);
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** The processes that sshd keeps for connections. */
async function countConnections({ pid }: TestSshd): Promise<number> {
  return (await findChildren(pid)).length;
}

sshTest("serve reaches an agent through ssh, and falls back once while that is down", async () => {
  await using lab = await startLab();
  assert.equal((await lab.shell("echo one")).text, "[rc=0]\none\n");
  const listed = await callTool(lab.hub.url, { tool: "remote_list_hosts", args: { force: true } });
  assert.equal(at(listed.structured, "hosts", 0, "via"), "lmcp");
  assert.deepEqual(at(listed.structured, "hosts", 0, "paths"), ["lmcp", "ssh"]);
  lab.agent.kill("SIGKILL");
  await lab.agent.ended;
  const runs = `${lab.sshd.directory}/runs`;
  const startedAt = performance.now();
  const fallen = await lab.shell(`echo ran >>${runs}; echo two`);
  assert.ok(performance.now() - startedAt < 5_000);
  assert.equal(fallen.text, "[via ssh fallback]\n[rc=0]\ntwo\n");
  assert.match(
    String(at(fallen.structured, "fallback_reason")),
    /^connect: nothing answers at 127\.0\.0\.1:\d+ behind ssh: its agent is down, /,
  );
  assert.equal(await Deno.readTextFile(runs), "ran\n");
  await lab.startAgent();
  assert.equal((await lab.shell("echo three")).text, "[rc=0]\nthree\n");
});

sshTest("serve does not repeat a call whose agent is killed while it runs behind ssh", async () => {
  await using lab = await startLab();
  const runs = `${lab.sshd.directory}/runs`;
  const call = lab.shell(`echo ran >>${runs}; sleep 20`);
  await until(() => Deno.lstat(runs).then(() => true, () => false));
  lab.agent.kill("SIGKILL");
  const { structured } = await call;
  assert.equal(at(structured, "outcome"), "unknown");
  assert.equal(await Deno.readTextFile(runs), "ran\n");
});

sshTest("serve says where sshd does not forward, and goes over ssh", async () => {
  await using lab = await startLab(["AllowTcpForwarding no"]);
  const { text, structured } = await lab.shell("echo one");
  assert.equal(text, "[via ssh fallback]\n[rc=0]\none\n");
  assert.match(String(at(structured, "fallback_reason")), /\(AllowTcpForwarding\)$/);
});

sshTest("serve leaves no ssh connection behind that was for an agent", async () => {
  await using lab = await startLab();
  await lab.shell("echo one");
  await until(async () => await countConnections(lab.sshd) === 1);
  lab.hub.kill("SIGTERM");
  await lab.hub.ended;
  await until(async () => await countConnections(lab.sshd) === 0);
});

sshTest("--probe probes an agent through ssh, and leaves no connection behind", async () => {
  await using lab = await startLab();
  const { code, stdout } = await runProgram({ args: ["--probe"], env: lab.env });
  assert.equal(code, 0);
  assert.match(stdout, /^target .*lmcp/);
  await until(async () => await countConnections(lab.sshd) === 0);
});

sshTest("serve goes over ssh where it has no place for sockets, and says why", async () => {
  await using lab = await startLab();
  const { code } = await runProgram({ args: ["--check"], env: lab.env });
  assert.equal(code, 0);
  const env = { ...lab.env, LMCP_HUB_CONTROL_DIR: "/proc/none" };
  const checked = await runProgram({ args: ["--check"], env });
  assert.match(
    checked.stdout,
    /LMCP_HUB_CONTROL_DIR: warning: an lmcp_url that starts with "ssh:"/,
  );
  await using hub = startProgram({ env });
  await untilListening(hub.port);
  const args = { host: "target", command: "echo one" };
  const { text, structured } = await callTool(hub.url, { tool: "remote_shell", args });
  assert.equal(text, "[via ssh fallback]\n[rc=0]\none\n");
  assert.match(
    String(at(structured, "fallback_reason")),
    /^connect: an lmcp_url with "ssh:" needs .*: set LMCP_HUB_CONTROL_DIR$/,
  );
});
