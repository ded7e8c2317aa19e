import assert from "node:assert/strict";
import { readyMs } from "../../../lib/fleet/ssh/run.ts";
import { freePort } from "../../free_port.ts";
import { findChildren, findProcesses, uniqueSleep, until } from "../../processes.ts";
import {
  openSshdTarget,
  openSshTarget,
  type ScriptResult,
  sshHost,
  type SshTarget,
  sshTest,
} from "./target.ts";

/** Half of what a call may wait for a shell by default. */
const SOON_SECONDS = readyMs(sshHost()) / 2_000;

/** Fails unless the call certainly did not run, for this reason, within so many seconds. */
async function assertNotDelivered(
  running: Promise<ScriptResult>,
  reason: RegExp,
  seconds = SOON_SECONDS,
): Promise<void> {
  const startedAt = performance.now();
  const result = await running;
  assert.equal(result.kind, "not_delivered");
  assert.match(result.reason ?? "", reason);
  assert.doesNotMatch(result.reason ?? "", /[\n\r]|@@/);
  assert.ok(performance.now() - startedAt < seconds * 1_000);
}

/** A target that no sshd stands behind. */
async function openWithConfig(lines: readonly string[]): Promise<SshTarget> {
  const config = await Deno.makeTempFile();
  await Deno.writeTextFile(config, ["Host target", "HostName 127.0.0.1", ...lines, ""].join("\n"));
  const target = await openSshTarget({ configFile: config });
  return {
    ...target,
    [Symbol.asyncDispose]: async () => {
      await target[Symbol.asyncDispose]();
      await Deno.remove(config);
    },
  };
}

sshTest("Ssh.run() does not know the outcome when the server dies meanwhile", async () => {
  await using target = await openSshdTarget();
  for (const reuse of [true, false]) {
    const marker = uniqueSleep(61);
    const begun = Promise.withResolvers<string>();
    const options = { reuse, onProgress: begun.resolve };
    const running = target.run(`echo begun; sleep ${marker}`, options);
    await begun.promise;
    await until(async () => (await findProcesses(`sleep ${marker}`)).length > 0);
    for (const pid of await findChildren(target.sshd.pid)) Deno.kill(pid, "SIGKILL");
    const { kind, reason, stdout } = await running;
    assert.deepEqual([kind, stdout], ["unknown", "begun\n"]);
    assert.equal(reason, "connection lost after the command was sent");
    await until(async () => (await findProcesses(marker)).length === 0);
  }
});

sshTest("Ssh.run() gives up on a server that accepts and keeps silent", async () => {
  using silent = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  await using target = await openWithConfig([`Port ${silent.addr.port}`]);
  const host = sshHost({ sshMs: 1_000 });
  await assertNotDelivered(target.run("echo ran", { host }), /^ssh connect failed: .+ timed out/);
});

sshTest("Ssh.run() gives up on a host whose shell hangs at its start", async () => {
  await using target = await openSshdTarget({ serverConfig: ["ForceCommand sleep 20"] });
  const host = sshHost({ sshMs: 3_000 });
  const running = target.run("echo ran", { host });
  await assertNotDelivered(running, /^ssh connect failed: no shell within 5 s$/, 10);
  assert.equal((await target.run("echo ran", { host })).kind, "not_delivered");
});

sshTest("Ssh.run() says that a host has no bash", async () => {
  await using target = await openSshdTarget({
    serverConfig: ["ForceCommand PATH=/nowhere; eval $SSH_ORIGINAL_COMMAND"],
  });
  const reason = /^no bash on the host, or its start-up failed: exit 127: .*bash.*not found$/;
  await assertNotDelivered(target.run("echo ran"), reason);
});

sshTest("Ssh.run() says what a host says that lets nobody in", async () => {
  await using target = await openSshdTarget({
    serverConfig: ["ForceCommand echo 'closed for maintenance' >&2; exit 9"],
  });
  const reason = /start-up failed: exit 9: closed for maintenance$/;
  await assertNotDelivered(target.run("echo ran"), reason);
});

sshTest("Ssh.run() says that a port refuses", async () => {
  await using target = await openWithConfig([`Port ${freePort()}`]);
  const reason = /^ssh connect failed: ssh: connect to host .+ port \d+: Connection refused$/;
  await assertNotDelivered(target.run("echo ran"), reason);
});

sshTest("Ssh.run() says that a name is unknown", async () => {
  await using target = await openWithConfig([]);
  const host = sshHost({ sshHost: "no-such-host.invalid" });
  const reason = /^ssh connect failed: ssh: Could not resolve hostname no-such-host.invalid: /;
  await assertNotDelivered(target.run("echo ran", { host }), reason, 11);
});

sshTest("Ssh.run() says that a key is not accepted, and asks for no password", async () => {
  await using target = await openSshdTarget();
  await Deno.writeTextFile(`${target.sshd.directory}/authorized_keys`, "");
  const reason = /^ssh connect failed: .*Permission denied \(publickey\)\.$/;
  await assertNotDelivered(target.run("echo ran"), reason);
});

sshTest("Ssh.run() says that a host key has changed, and runs nothing there", async () => {
  await using target = await openSshdTarget();
  await target.run(":", { reuse: false });
  await target.sshd.changeHostKey();
  for (const reuse of [true, false]) {
    const reason =
      /^ssh connect failed: WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!; Host key verification failed\.$/;
    await assertNotDelivered(target.run("echo ran", { reuse }), reason);
  }
});

Deno.test("Ssh.run() says that there is no ssh", async () => {
  await using target = await openSshTarget({ configFile: "none", program: "/nowhere/ssh" });
  await assertNotDelivered(target.run("echo ran"), /^cannot start ssh: .*\/nowhere\/ssh/);
});

sshTest("Ssh.run() runs nothing for a caller who has left before", async () => {
  await using target = await openSshdTarget();
  const signal = AbortSignal.abort();
  await assertNotDelivered(target.run("echo ran", { signal }), /^cancelled$/);
  assert.equal(target.children.length, 0);
});
