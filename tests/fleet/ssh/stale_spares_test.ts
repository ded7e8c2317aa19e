import assert from "node:assert/strict";
import { readyMs } from "../../../lib/fleet/ssh/run.ts";
import { findChildren, until } from "../../processes.ts";
import {
  CONNECTION,
  findDescendants,
  findMaster,
  findShells,
  findSpare,
  openWithSpare,
  runCounted,
  SESSION,
  untilSpare,
} from "./spare_target.ts";
import { type SshdTarget, sshHost, sshTest } from "./target.ts";

const PATIENT = sshHost({ sshMs: 20_000 });
/** Half of what a call waits for a connection that is silent; the machine may be busy. */
const LIMIT_MS = readyMs(PATIENT) / 2;

/** Fails unless a call ran once, in another session than the spare, and did not wait for that. */
async function assertRunsAfresh(target: SshdTarget, spare: number): Promise<void> {
  const { result, runs, ms } = await runCounted(target, { script: SESSION, host: PATIENT });
  assert.deepEqual([result.kind, result.exitCode, runs], ["ran", 0, 1], result.reason ?? "");
  assert.notEqual(Number(result.stdout), spare);
  assert.ok(ms < LIMIT_MS, `${ms} ms`);
  assert.equal(target.ssh.spares().taken, 0);
}

sshTest("Ssh.run() runs a call once whose spare was killed with the master", async () => {
  await using target = await openWithSpare();
  const spare = await findSpare(target);
  Deno.kill(await findMaster(target), "SIGKILL");
  await assertRunsAfresh(target, spare);
});

sshTest("Ssh.run() runs a call once whose spare was killed here or on the host", async () => {
  await using target = await openWithSpare();
  const spare = await findSpare(target);
  Deno.kill(spare, "SIGKILL");
  await assertRunsAfresh(target, spare);
  await untilSpare(target);
  const again = await findSpare(target);
  const client = target.children.at(-1)?.process;
  client?.kill("SIGKILL");
  await client?.exited;
  await assertRunsAfresh(target, again);
});

sshTest("Ssh.run() forgets a spare that ends by itself", async () => {
  await using target = await openWithSpare();
  Deno.kill(await findSpare(target), "SIGKILL");
  await until(() => target.ssh.spares().waiting === 0);
  assert.equal((await findShells(target)).length, 0);
});

sshTest(
  "Ssh.run() runs a call once after sshd was restarted and all connections were cut",
  async () => {
    await using target = await openWithSpare();
    const spare = await findSpare(target);
    const connections = await findChildren(target.sshd.pid);
    for (const pid of connections) Deno.kill(pid, "SIGKILL");
    await target.sshd.restart();
    await assertRunsAfresh(target, spare);
  },
);

for (const what of ["the connection", "the spare"] as const) {
  sshTest(
    `Ssh.run() runs a call once, over a new connection, when ${what} falls silent`,
    async () => {
      await using target = await openWithSpare();
      const spare = await findSpare(target);
      const stopped = what === "the spare" ? [spare] : await findChildren(target.sshd.pid);
      const { text: before } = await target.run(CONNECTION, { spares: false });
      for (const pid of stopped) Deno.kill(pid, "SIGSTOP");
      try {
        await assertRunsAfresh(target, spare);
        assert.notEqual((await target.run(CONNECTION)).text, before);
      } finally {
        for (const pid of stopped) Deno.kill(pid, "SIGKILL");
      }
    },
  );
}

sshTest("Ssh.run() runs nothing in a spare that wakes after its call has left it", async () => {
  await using target = await openWithSpare();
  await findSpare(target);
  const stopped = await findDescendants(target.sshd.pid);
  for (const pid of stopped) Deno.kill(pid, "SIGSTOP");
  const { result, runs } = await runCounted(target);
  assert.deepEqual([result.kind, runs], ["ran", 1]);
  for (const pid of stopped) Deno.kill(pid, "SIGCONT");
  const path = `${target.sshd.directory}/late`;
  await target.run(`echo ran >>${path}`);
  await until(async () => !(await findShells(target)).some((pid) => stopped.includes(pid)));
  assert.equal(await Deno.readTextFile(path), "ran\n");
});

sshTest(
  "Ssh.run() ends with its caller while it asks a silent spare, and runs nothing",
  async () => {
    await using target = await openWithSpare();
    const spare = await findSpare(target);
    Deno.kill(spare, "SIGSTOP");
    const caller = new AbortController();
    const running = runCounted(target, { signal: caller.signal, host: PATIENT });
    await new Promise((resolve) => setTimeout(resolve, 50));
    caller.abort();
    const { result, runs, ms } = await running;
    assert.deepEqual([result.kind, result.reason, runs], ["not_delivered", "cancelled", 0]);
    assert.ok(ms < LIMIT_MS, `${ms} ms`);
    Deno.kill(spare, "SIGKILL");
  },
);

sshTest(
  "Ssh.run() does not know the outcome when the connection dies while a spare runs it",
  async () => {
    await using target = await openWithSpare();
    const cut = "kill -KILL $(ps -o ppid= -p $(ps -o ppid= -p $PPID))";
    const { result, runs } = await runCounted(target, { script: `${cut}; sleep 5` });
    assert.deepEqual([result.kind, runs], ["unknown", 1]);
    assert.equal(target.ssh.spares().taken, 1);
  },
);

/** Kills a session's process, which may have ended by itself. */
function killIfThere(pid: number): void {
  try {
    Deno.kill(pid, "SIGKILL");
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

sshTest("Ssh.run() runs 40 calls once each while sessions are killed at random", async () => {
  await using target = await openWithSpare();
  for (let call = 0; call < 40; call++) {
    const victims = [
      ...await findShells(target),
      ...call % 10 === 9 ? [await findMaster(target)] : [],
    ];
    const victim = victims[call % Math.max(1, victims.length)];
    if (call % 3 === 0 && victim !== undefined) killIfThere(victim);
    const { result, runs } = await runCounted(target);
    assert.deepEqual([result.kind, runs], ["ran", 1], `call ${call}: ${result.reason}`);
  }
});
