import assert from "node:assert/strict";
import { systemClock } from "../../../lib/base/time/clock.ts";
import { findChildren, findProcesses, until } from "../../processes.ts";
import {
  holdCall,
  openGatedTarget,
  openSshdTarget,
  openSshTarget,
  sshHost,
  type SshTarget,
  sshTest,
} from "./target.ts";

/** Tells the connection a script came over: `$SSH_CONNECTION` names the client's port. */
const CONNECTION = 'echo "$SSH_CONNECTION"';

async function connectionsOf(target: SshTarget, calls: number): Promise<Set<string>> {
  const runs = Array.from({ length: calls }, () => target.run(CONNECTION));
  const results = await Promise.all(runs);
  for (const { kind, text } of results) assert.match(`${kind} ${text}`, /^ran 127\.0\.0\.1 \d+ /);
  return new Set(results.map(({ text }) => text));
}

/** The process that holds the connection, which ssh names after its socket. */
async function findMaster(target: SshTarget): Promise<number> {
  const [pid, ...others] = await findProcesses(`ssh: ${target.control}/`);
  assert.equal(others.length, 0);
  assert.ok(pid !== undefined, "no master");
  return pid;
}

async function socketsOf(target: SshTarget): Promise<string[]> {
  const sockets: string[] = [];
  for await (const folder of Deno.readDir(target.control)) {
    for await (const { name } of Deno.readDir(`${target.control}/${folder.name}`)) {
      sockets.push(name);
    }
  }
  return sockets;
}

sshTest("Ssh.run() makes one connection for 8 calls that come at once", async () => {
  await using target = await openSshdTarget();
  const cold = await connectionsOf(target, 8);
  assert.equal(cold.size, 1);
  assert.deepEqual(await connectionsOf(target, 8), cold);
});

sshTest("Ssh.run() makes a connection of its own where none is to be kept", async () => {
  await using target = await openSshdTarget();
  const kept = await target.run(CONNECTION);
  const own = await target.run(CONNECTION, { reuse: false });
  assert.notEqual(own.text, kept.text);
});

sshTest("Ssh.run() lets one of the others connect when the first caller leaves", async () => {
  await using target = await openGatedTarget();
  const first = new AbortController();
  const cancelled = target.run(CONNECTION, { signal: first.signal });
  const others = connectionsOf(target, 4);
  await until(() => target.children.length > 0);
  first.abort();
  assert.equal((await cancelled).reason, "cancelled");
  await target.letIn();
  assert.equal((await others).size, 1);
});

sshTest("Ssh.run() gives all callers of a dead host the same error at once", async () => {
  using silent = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const config = await Deno.makeTempFile();
  await Deno.writeTextFile(config, `Host target\nHostName 127.0.0.1\nPort ${silent.addr.port}\n`);
  await using target = await openSshTarget({ configFile: config });
  const host = sshHost({ sshMs: 1_000 });
  const endings = await Promise.all(Array.from({ length: 8 }, async () => {
    const { kind, reason } = await target.run(":", { host });
    return { kind, reason, at: performance.now() };
  }));
  const [first] = endings;
  for (const { kind, reason, at } of endings) {
    assert.deepEqual([kind, reason], ["not_delivered", first?.reason]);
    assert.ok(Math.abs(at - (first?.at ?? 0)) < 500);
  }
  assert.equal(target.children.length, 1);
  await Deno.remove(config);
});

sshTest("Ssh.run() recovers from a master that is stuck, once for all its callers", async () => {
  await using target = await openSshdTarget();
  const host = sshHost({ sshMs: 3_000 });
  const [before] = await connectionsOf(target, 1);
  const master = await findMaster(target);
  Deno.kill(master, "SIGSTOP");
  try {
    const first = target.run(CONNECTION, { host });
    await new Promise((resolve) => setTimeout(resolve, 50));
    const results = await Promise.all([
      first,
      ...Array.from({ length: 3 }, () => {
        return target.run(CONNECTION, { host });
      }),
    ]);
    const connections = new Set(results.map(({ kind, text }) => `${kind} ${text}`));
    assert.equal(connections.size, 1);
    assert.match([...connections].join(), /^ran 127/);
    assert.ok(!connections.has(`ran ${before}`));
  } finally {
    Deno.kill(master, "SIGKILL");
  }
});

sshTest("Ssh.run() does not throw away a connection made since its own got stuck", async () => {
  await using target = await openSshdTarget();
  const host = sshHost({ sshMs: 3_000 });
  await target.run(":");
  const master = await findMaster(target);
  Deno.kill(master, "SIGSTOP");
  try {
    const early = target.run(CONNECTION, { host });
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    const late = target.run(CONNECTION, { host });
    const fresh = (await early).text;
    assert.equal((await late).text, fresh);
    assert.equal((await target.run(CONNECTION)).text, fresh);
  } finally {
    Deno.kill(master, "SIGKILL");
  }
});

sshTest("Ssh.run() recovers from a master that was killed and left its socket", async () => {
  await using target = await openSshdTarget();
  const [before] = await connectionsOf(target, 1);
  Deno.kill(await findMaster(target), "SIGKILL");
  assert.equal((await socketsOf(target)).length, 1);
  const after = await connectionsOf(target, 1);
  assert.ok(!after.has(before ?? ""));
  assert.deepEqual(await connectionsOf(target, 3), after);
});

sshTest("Ssh.run() recovers from a connection that the server has cut", async () => {
  await using target = await openSshdTarget();
  const [before] = await connectionsOf(target, 1);
  for (const pid of await findChildren(target.sshd.pid)) Deno.kill(pid, "SIGKILL");
  // The master may not know yet: until then each call that finds it out connects by itself.
  assert.ok(!(await connectionsOf(target, 4)).has(before ?? ""));
  assert.equal((await connectionsOf(target, 4)).size, 1);
});

sshTest("Ssh.run() goes on though background jobs have used up the server's sessions", async () => {
  await using target = await openSshdTarget({ serverConfig: ["MaxSessions 2"] });
  const [before] = await connectionsOf(target, 1);
  for (let job = 0; job < 3; job++) await target.run("sleep 3 & :");
  assert.deepEqual(await connectionsOf(target, 1), new Set([before]));
});

sshTest("Ssh.close() leaves neither sockets nor masters", async () => {
  await using target = await openSshdTarget();
  await target.run(":");
  const master = await findMaster(target);
  await target.ssh.close();
  assert.deepEqual(await socketsOf(target), []);
  await until(async () => !(await findProcesses(target.control)).includes(master));
});

sshTest("Ssh.close() does not end what another hub runs from the same directory", async () => {
  await using target = await openSshdTarget();
  const { sshConfig } = target.sshd;
  const other = await openSshTarget({ configFile: sshConfig, control: target.control });
  await other.run(":");
  const running = await holdCall(target, "echo done");
  await other[Symbol.asyncDispose]();
  await running.letGo();
  assert.equal((await running.ended).text, "done\n");
});

sshTest("Ssh.close() does not wait for a master that is stuck", async () => {
  await using target = await openSshdTarget();
  await target.run(":");
  const master = await findMaster(target);
  Deno.kill(master, "SIGSTOP");
  const startedAt = performance.now();
  await target.ssh.close();
  assert.ok(performance.now() - startedAt < 10_000);
  Deno.kill(master, "SIGKILL");
});

/** The machine's clock, which can be set forward. */
function createAdvancingClock() {
  let aheadMs = 0;
  return {
    ...systemClock,
    now: () => systemClock.now() + aheadMs,
    advance: (ms: number) => void (aheadMs += ms),
  };
}

const HOUR_MS = 3_600_000;

sshTest(
  "Ssh.run() uses a connection for an hour, and then makes one for all who call",
  async () => {
    const clock = createAdvancingClock();
    await using target = await openSshdTarget({ clock });
    const first = await connectionsOf(target, 1);
    clock.advance(HOUR_MS - 60_000);
    assert.deepEqual(await connectionsOf(target, 3), first);
    clock.advance(60_000);
    const second = await connectionsOf(target, 4);
    assert.deepEqual([second.size, second.isDisjointFrom(first)], [1, true]);
    assert.deepEqual(await connectionsOf(target, 2), second);
  },
);

sshTest("Ssh.renew() makes the next call connect, and leaves alone what runs", async () => {
  await using target = await openSshdTarget();
  target.ssh.renew(target.host);
  const first = await connectionsOf(target, 1);
  const running = await holdCall(target, CONNECTION);
  target.ssh.renew(target.host);
  const second = await connectionsOf(target, 3);
  assert.deepEqual([second.size, second.isDisjointFrom(first)], [1, true]);
  await running.letGo();
  assert.deepEqual(new Set([(await running.ended).text]), first);
  assert.deepEqual(await connectionsOf(target, 1), second);
});

sshTest("Ssh.run() keeps no connection in a directory that was opened to others", async () => {
  const warnings: unknown[] = [];
  await using target = await openSshdTarget({ warn: (error) => warnings.push(error) });
  const [before] = await connectionsOf(target, 1);
  await Deno.chmod(target.control, 0o777);
  const own = await connectionsOf(target, 2);
  assert.deepEqual([own.size, own.has(before ?? "")], [2, false]);
  assert.equal(warnings.length, 1);
  await Deno.chmod(target.control, 0o700);
  assert.deepEqual(await connectionsOf(target, 2), new Set([before]));
});
