import assert from "node:assert/strict";
import { createServer, type Server } from "node:net";
import { once } from "node:events";
import { SETTLE_METHOD } from "../../../lib/work/claims/protocol.ts";
import { freePort } from "../../free_port.ts";
import { labHost } from "../../lab/host.ts";
import { openHub } from "../../lab/hub.ts";
import { startBackend } from "../../lab/backend.ts";
import { listenAgain } from "../../lab/listen_again.ts";
import { endSeen, stopSeen } from "../../lab/stop_seen.ts";
import { findProcesses, until } from "../../processes.ts";
import { summary } from "../answers.ts";
import { type ClaimsLab, type ClaimsLabOptions, makeOld, openClaimsLab } from "../claims/lab.ts";
import { findMaster } from "../ssh/spare_target.ts";
import { openSshdTarget, type SshdTarget, sshTest } from "../ssh/target.ts";

/** Nobody waits for it where an agent is down. */
const CONNECT_MS = 20_000;
/** How long a call may take that falls back from an agent that is down; the machine may be busy. */
const SOON_MS = CONNECT_MS / 2;

interface Lab extends AsyncDisposable {
  readonly target: SshdTarget;
  readonly agent: ClaimsLab;
}

/** A hub that reaches an agent through a real sshd. */
async function openLab(
  { ssh = {}, timeouts = { connectMs: CONNECT_MS }, ...options }:
    & Omit<ClaimsLabOptions, "ssh" | "behindSsh">
    & {
      readonly ssh?: Parameters<typeof openSshdTarget>[0];
    } = {},
): Promise<Lab> {
  await using stack = new AsyncDisposableStack();
  const target = stack.use(await openSshdTarget(ssh));
  const agent = stack.use(
    await openClaimsLab({ ...options, timeouts, ssh: target.ssh, behindSsh: true }),
  );
  const owned = stack.move();
  return { target, agent, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

async function viaOf(lab: Lab): Promise<string | null> {
  const { outcome, via, text } = await lab.agent.shell("echo done");
  assert.equal(outcome, "ok", text);
  return via;
}

/** Fails unless a call goes over ssh, soon, and runs once; returns why it did not go to the agent. */
async function assertFallsBack(lab: Lab): Promise<string> {
  const before = await lab.agent.runs();
  const startedAt = performance.now();
  const { outcome, via, reason, text } = await lab.agent.shell("echo done");
  const tookMs = performance.now() - startedAt;
  assert.deepEqual([outcome, via], ["ok", "ssh"], text);
  assert.equal(await lab.agent.runs() - before, 1);
  assert.ok(tookMs < SOON_MS, `${tookMs} ms`);
  return reason ?? "";
}

/** Ends the process that holds the ssh connection; all that went through it has seen it then. */
async function endMaster({ target }: Lab, signal: "SIGTERM" | "SIGKILL"): Promise<void> {
  const master = await findMaster(target);
  Deno.kill(master, signal);
  await until(async () => !(await findProcesses("ssh: ")).includes(master));
}

/** Cuts the agent off, and waits until the hub has seen it. */
async function cut({ agent }: Lab): Promise<void> {
  const { relay } = agent;
  await endSeen(agent, { connections: relay.connections, end: () => relay.setCut(true) });
}

/** Whoever accepts connections and closes each at once. */
async function closeAll(port: number): Promise<Server> {
  const server = createServer((socket) => socket.destroy());
  await listenAgain(server, port);
  return server;
}

const NOBODY = /^connect: nothing answers at 127\.0\.0\.1:\d+ behind ssh: its agent is down, or/;

sshTest("calls reach an agent on its host's loopback through one ssh connection", async () => {
  await using lab = await openLab();
  for (let call = 0; call < 3; call++) assert.equal(await viaOf(lab), "lmcp");
  assert.equal(await lab.agent.runs(), 3);
  // The first process makes the connection, the second has it forward.
  assert.equal(lab.target.children.length, 2);
  const asked = lab.agent.relay.requests.map(({ method }) => method);
  assert.deepEqual(asked, ["server/discover", "tools/call", "tools/call", "tools/call"]);
});

sshTest("a probe through ssh says that the host is up over lmcp", async () => {
  await using lab = await openLab();
  const state = await lab.agent.hub.prober.probe(lab.agent.host);
  assert.deepEqual([state.up, state.via, state.error], [true, "lmcp", null]);
  assert.ok((state.toolCount ?? 0) > 5);
});

sshTest("an agent that is down behind ssh costs each call one way, and it runs once", async () => {
  await using lab = await openLab();
  await cut(lab);
  for (let call = 0; call < 3; call++) assert.match(await assertFallsBack(lab), NOBODY);
  await lab.agent.relay.setCut(false);
  assert.equal(await viaOf(lab), "lmcp");
  await cut(lab);
  for (let call = 0; call < 3; call++) assert.match(await assertFallsBack(lab), NOBODY);
});

sshTest("an agent that was restarted between two calls gets the second one", async () => {
  await using lab = await openLab();
  assert.equal(await viaOf(lab), "lmcp");
  await cut(lab);
  await lab.agent.relay.setCut(false);
  assert.equal(await viaOf(lab), "lmcp");
  assert.equal(await lab.agent.runs(), 2);
});

sshTest("a host without ssh_host says that its agent is down, and nothing runs", async () => {
  await using target = await openSshdTarget();
  const host = labHost({ sshHost: null, lmcpUrl: `ssh://target:${freePort()}/mcp` });
  await using hub = openHub({ hosts: [host], ssh: target.ssh });
  const answer = summary(await hub.call("remote_shell", { host: host.name, command: "true" }));
  assert.equal(answer.outcome, "not_delivered");
  assert.match(
    answer.text,
    /^Error: lmcp: connect: nothing answers at 127\.0\.0\.1:\d+ behind ssh: its agent/,
  );
});

sshTest(
  "who closes each connection at once has run nothing, whatever was known of it",
  async () => {
    await using target = await openSshdTarget();
    await using backend = await startBackend();
    const { port } = new URL(backend.url);
    const timeouts = { connectMs: CONNECT_MS };
    const host = labHost({ sshHost: "target", lmcpUrl: `ssh://target:${port}/mcp`, timeouts });
    await using hub = openHub({ hosts: [host], ssh: target.ssh });
    const call = async () =>
      summary(await hub.call("remote_shell", { host: host.name, command: "echo done" }));
    assert.equal((await call()).via, "lmcp");
    // A backend without sessions and claims is not asked anything before the next call.
    await stopSeen({ backend, hub, host });
    const server = await closeAll(Number(port));
    const { outcome, via, reason } = await call();
    assert.deepEqual([outcome, via], ["ok", "ssh"]);
    assert.match(String(reason), NOBODY);
    server.close();
    await once(server, "close");
  },
);

sshTest("where sshd does not forward, the answer says so, and calls go over ssh", async () => {
  await using lab = await openLab({ ssh: { serverConfig: ["AllowTcpForwarding no"] } });
  assert.match(await assertFallsBack(lab), /does not forward \(AllowTcpForwarding\)$/);
  assert.equal(lab.agent.relay.requests.length, 0);
});

for (const signal of ["SIGTERM", "SIGKILL"] as const) {
  sshTest(`a master that ended by ${signal} is replaced for the next call`, async () => {
    await using lab = await openLab();
    assert.equal(await viaOf(lab), "lmcp");
    await endMaster(lab, signal);
    const before = lab.target.children.length;
    assert.equal(await viaOf(lab), "lmcp");
    assert.equal(lab.target.children.length - before, 2);
    assert.equal(await viaOf(lab), "lmcp");
    assert.equal(await lab.agent.runs(), 3);
  });
}

sshTest("a master that is stuck is replaced, and calls go over ssh until then", async () => {
  await using lab = await openLab({ timeouts: { connectMs: 4_000, sshMs: 3_000 } });
  const { host } = lab.agent;
  const port = Number(new URL(host.lmcpUrl ?? "").port);
  const wait = { withinMs: 10_000, signal: new AbortController().signal };
  assert.equal((await lab.target.ssh.forwards.open(host, port, wait)).kind, "forward");
  const master = await findMaster(lab.target);
  Deno.kill(master, "SIGSTOP");
  try {
    const { outcome, via, reason } = await lab.agent.shell("echo done");
    assert.deepEqual([outcome, via, reason], ["ok", "ssh", "connect: timeout"]);
    assert.equal(await lab.agent.runs(), 1);
    const state = await lab.agent.hub.prober.probe(host);
    assert.equal(state.via, "lmcp", state.detail ?? "");
    assert.equal(await viaOf(lab), "lmcp");
  } finally {
    Deno.kill(master, "SIGKILL");
  }
});

sshTest("a master that is stuck is replaced for a host that has no other way", async () => {
  await using target = await openSshdTarget();
  await using backend = await startBackend();
  const { port } = new URL(backend.url);
  const host = labHost({
    sshHost: null,
    lmcpUrl: `ssh://target:${port}/mcp`,
    timeouts: { connectMs: 2_000, sshMs: 3_000 },
  });
  await using hub = openHub({ hosts: [host], ssh: target.ssh });
  const wait = { withinMs: 10_000, signal: new AbortController().signal };
  const opened = await target.ssh.forwards.open({ ...host, sshHost: "target" }, Number(port), wait);
  assert.equal(opened.kind, "forward");
  const master = await findMaster(target);
  Deno.kill(master, "SIGSTOP");
  try {
    const answers = [];
    for (let call = 0; call < 2; call++) {
      answers.push(summary(await hub.call("remote_shell", { host: host.name, command: "true" })));
    }
    assert.deepEqual(answers.map(({ outcome }) => outcome), ["not_delivered", "ok"]);
    assert.match(answers[0]?.text ?? "", /^Error: lmcp: connect: timeout /);
  } finally {
    Deno.kill(master, "SIGKILL");
  }
});

sshTest("without sshd nothing runs, and with it calls go to the agent again", async () => {
  await using lab = await openLab();
  await lab.target.sshd.restart();
  assert.equal(await viaOf(lab), "lmcp");
  await lab.target.sshd.stop();
  await endMaster(lab, "SIGKILL");
  const { outcome, text } = await lab.agent.shell("echo done");
  assert.equal(outcome, "not_delivered");
  assert.match(text, /lmcp: connect: ssh connect failed: .*refused/);
  assert.equal(await lab.agent.runs(), 1);
});

sshTest("a login that was renewed has the port forwarded through it", async () => {
  await using lab = await openLab();
  assert.equal(await viaOf(lab), "lmcp");
  const slow = lab.agent.shell("sleep 2; echo slow");
  await until(async () => await lab.agent.runs() === 2);
  lab.target.ssh.renew(lab.agent.host);
  assert.equal(await viaOf(lab), "lmcp");
  assert.equal((await findProcesses(`ssh: ${lab.target.control}/`)).length, 2);
  assert.equal((await slow).text, "[rc=0]\nslow\n");
  assert.ok(lab.agent.relay.requests.every(({ method }) => method !== SETTLE_METHOD));
  assert.equal(await viaOf(lab), "lmcp");
});

sshTest("a lost answer is collected through ssh, and the command ran once", async () => {
  await using lab = await openLab();
  lab.agent.strikeNext("lose answer");
  const { outcome, via, text } = await lab.agent.shell("echo done; exit 3");
  assert.deepEqual([outcome, via, text], ["ok", "lmcp", "[rc=3]\ndone\n"]);
  assert.equal(await lab.agent.runs(), 1);
});

sshTest("a call that is cut off in the middle is settled by its claim", async () => {
  await using lab = await openLab();
  lab.agent.strikeNext("cut");
  const { outcome, via, text } = await lab.agent.shell("sleep 0.5; echo done; exit 3");
  assert.deepEqual([outcome, via, text], ["ok", "lmcp", "[rc=3]\ndone\n"]);
  assert.equal(await lab.agent.runs(), 1);
});

sshTest("a call that loses its ssh connection in the middle is settled by its claim", async () => {
  await using lab = await openLab();
  assert.equal(await viaOf(lab), "lmcp");
  const call = lab.agent.shell("sleep 0.5; echo done; exit 3");
  await until(async () => await lab.agent.runs() === 2);
  Deno.kill(await findMaster(lab.target), "SIGKILL");
  const { outcome, text } = await call;
  assert.deepEqual([outcome, text], ["ok", "[rc=3]\ndone\n"]);
  assert.equal(await lab.agent.runs(), 2);
});

sshTest(
  "a call that was lost on its way through ssh is fenced, and runs once over ssh",
  async () => {
    await using lab = await openLab();
    await lab.agent.hub.call("remote_list_dir", { host: lab.agent.host.name, path: "/" });
    await makeOld(lab.agent.claims);
    lab.agent.strikeNext("lose request");
    const { outcome, via, reason } = await lab.agent.shell("echo done");
    assert.deepEqual([outcome, via], ["ok", "ssh"]);
    assert.match(String(reason), /^connection lost: .*; it did not run$/);
    assert.equal(await lab.agent.runs(), 1);
  },
);
