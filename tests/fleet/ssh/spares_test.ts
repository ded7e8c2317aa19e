import assert from "node:assert/strict";
import { systemClock } from "../../../lib/base/time/clock.ts";
import type { ProcessCommand } from "../../../lib/base/process.ts";
import { findProcesses, until } from "../../processes.ts";
import {
  CONNECTION,
  findMaster,
  findShells,
  findSpare,
  openWithSpare,
  SESSION,
  untilNoShell,
  untilSpare,
} from "./spare_target.ts";
import { holdCall, openSshdTarget, sshTest } from "./target.ts";

const isSpare = ({ args }: ProcessCommand) => args.some((arg) => arg.startsWith("BindAddress="));

sshTest("Ssh.run() runs a call in a session that was opened before it", async () => {
  await using target = await openWithSpare();
  const processes = target.children.length;
  const spare = await findSpare(target);
  const { kind, stdout } = await target.run(SESSION);
  assert.deepEqual([kind, Number(stdout)], ["ran", spare]);
  assert.equal(target.children.length, processes, "no process was started for it");
  assert.equal(target.ssh.spares().taken, 1);
});

sshTest("Ssh.run() opens another spare behind each call, over the same connection", async () => {
  await using target = await openWithSpare();
  const sessions = new Set<string>();
  const connections = new Set<string>();
  for (let call = 0; call < 3; call++) {
    const [session = "", connection = ""] = (await target.run(`${SESSION}; ${CONNECTION}`))
      .stdout.split("\n");
    sessions.add(session);
    connections.add(connection);
    await untilSpare(target);
  }
  assert.deepEqual([sessions.size, connections.size], [3, 1]);
  assert.equal(target.ssh.spares().taken, 3);
});

sshTest("Ssh.run() runs a call that comes early in the spare that is being opened", async () => {
  await using target = await openWithSpare({
    serverConfig: ["ForceCommand sleep 0.3; bash -s"],
  });
  await target.run(":");
  const opened = target.children.length + 1;
  await until(() => target.children.length === opened);
  assert.equal((await target.run("echo mine")).text, "mine\n");
  assert.equal(target.children.length, opened);
  assert.equal(target.ssh.spares().taken, 2);
});

sshTest(
  "Ssh.run() runs the next call as after a new login: a spare is opened behind all calls",
  async () => {
    const home = await Deno.makeTempDir({ prefix: "home-" });
    await Deno.writeTextFile(`${home}/.env`, "export WHO=before\n");
    await using target = await openWithSpare({
      serverConfig: [`ForceCommand . ${home}/.env; exec bash -s`],
    });
    assert.equal((await target.run("echo $WHO")).text, "before\n");
    await untilSpare(target);
    const long = await holdCall(target, `echo export WHO=after >${home}/.env`);
    await target.run(":");
    await untilSpare(target);
    await long.letGo();
    await long.ended;
    await untilSpare(target);
    assert.equal((await target.run("echo $WHO")).text, "after\n");
    await Deno.remove(home, { recursive: true });
  },
);

sshTest(
  "Ssh.run() opens no spare where there are to be none, or no connection is kept",
  async () => {
    await using target = await openSshdTarget({ spares: 0 });
    await target.run(":");
    target.ssh.warm(target.host);
    await using other = await openSshdTarget({ spares: 32 });
    await other.run(":", { reuse: false });
    await other.run(":", { spares: false });
    await new Promise((resolve) => setTimeout(resolve, 50));
    for (const { ssh, children } of [target, other]) {
      assert.deepEqual(ssh.spares(), { waiting: 0, taken: 0 });
      assert.ok(!children.some(({ command }) => isSpare(command)));
    }
    await untilNoShell(target);
  },
);

sshTest("Ssh.warm() opens a spare ahead of the first call", async () => {
  await using target = await openSshdTarget({ spares: 32 });
  await target.run(":", { spares: false });
  target.ssh.warm(target.host);
  target.ssh.warm(target.host);
  await untilSpare(target);
  const spare = await findSpare(target);
  assert.equal(Number((await target.run(SESSION)).stdout), spare);
});

sshTest("Ssh.warm() makes no connection", async () => {
  await using target = await openSshdTarget({ spares: 32 });
  target.ssh.warm(target.host);
  await new Promise((resolve) => setTimeout(resolve, 50));
  assert.deepEqual([target.children.length, target.ssh.spares().waiting], [0, 0]);
});

sshTest(
  "Ssh.run() makes no connection for a spare, and goes without where none gets ready",
  async () => {
    await using target = await openSshdTarget({ spares: 32, serverConfig: ["MaxSessions 1"] });
    await target.run(":", { spares: false });
    const long = await holdCall(target, ":", { spares: false });
    const spares = () => target.children.filter(({ command }) => isSpare(command));
    assert.equal((await target.run(":")).kind, "ran");
    await until(() => spares().length > 0);
    assert.equal((await spares()[0]?.process.exited)?.code, 255);
    for (let call = 0; call < 2; call++) {
      assert.equal((await target.run(":")).kind, "ran");
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    assert.equal(spares().length, 1);
    assert.deepEqual(target.ssh.spares(), { waiting: 0, taken: 0 });
    await long.letGo();
    assert.equal((await long.ended).kind, "ran");
  },
);

sshTest("Ssh.close() leaves no spare behind, neither here nor on the host", async () => {
  await using target = await openWithSpare();
  await target.run(":");
  await untilSpare(target);
  const master = await findMaster(target);
  await target.ssh.close();
  await untilNoShell(target);
  await until(async () => !(await findProcesses(target.control)).includes(master));
  assert.deepEqual(await findProcesses(target.control), []);
});

sshTest("Ssh.close() ends a spare that is being opened, and opens none behind a call", async () => {
  await using target = await openSshdTarget({
    spares: 32,
    serverConfig: ["ForceCommand sleep 0.2; bash -s"],
  });
  await target.run(":");
  await until(() => target.children.length === 2);
  await target.ssh.close();
  const processes = target.children.length;
  await until(async () => (await findProcesses(target.control)).length === 0);
  await target.run(":");
  await new Promise((resolve) => setTimeout(resolve, 50));
  assert.equal(target.children.length, processes + 1);
  await untilNoShell(target);
});

sshTest("a spare ends that no call has taken for five minutes", async () => {
  const waits: { readonly ms: number; readonly end: () => void }[] = [];
  const clock = {
    ...systemClock,
    after: (ms: number, end: () => void) => {
      if (ms < 60_000) return systemClock.after(ms, end);
      waits.push({ ms, end });
      return () => {};
    },
  };
  await using target = await openWithSpare({ clock });
  assert.deepEqual(waits.map(({ ms }) => ms), [300_000]);
  waits[0]?.end();
  assert.equal(target.ssh.spares().waiting, 0);
  await untilNoShell(target);
});

sshTest("Ssh.renew() ends the spare of the connection that is left", async () => {
  await using target = await openWithSpare();
  const before = await target.run(CONNECTION);
  await untilSpare(target);
  target.ssh.renew(target.host);
  assert.equal(target.ssh.spares().waiting, 0);
  const after = await target.run(CONNECTION);
  assert.notEqual(after.text, before.text);
  assert.equal(target.ssh.spares().taken, 1);
});

sshTest("Ssh.run() leaves the spare when ssh's configuration has changed", async () => {
  await using target = await openWithSpare();
  await using other = await openSshdTarget();
  const { sshConfig } = target.sshd;
  await Deno.copyFile(other.sshd.sshConfig, sshConfig);
  const { stdout } = await target.run("echo $SSH_CONNECTION");
  assert.match(stdout, new RegExp(` ${other.sshd.port}\n$`));
  assert.equal(target.ssh.spares().taken, 0);
  await untilSpare(target);
  await target.run(":");
  assert.equal(target.ssh.spares().taken, 1);
});

sshTest("Ssh.run() leaves the spare of a connection that is an hour old", async () => {
  let aheadMs = 0;
  const clock = { ...systemClock, now: () => systemClock.now() + aheadMs };
  await using target = await openWithSpare({ clock });
  const { text: before } = await target.run(CONNECTION);
  await untilSpare(target);
  aheadMs = 3_600_000;
  assert.notEqual((await target.run(CONNECTION)).text, before);
  assert.equal(target.ssh.spares().taken, 1);
  await untilSpare(target);
  await until(async () => (await findShells(target)).length === 1);
});
