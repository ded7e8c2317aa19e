import assert from "node:assert/strict";
import { findProcesses, uniqueSleep, until } from "../processes.ts";
import { inOpenDirectory, rootTest, spawnUnprivileged } from "./hosts.ts";
import { isGoneSoon, runScript, runUntilItSpeaks } from "./session_runs.ts";

/** A script that starts what only root can end, as `sudo` does. */
async function makeRootCommand(directory: string, command: string): Promise<string> {
  const shell = `${directory}/shell`;
  await Deno.copyFile("/bin/bash", shell);
  await Deno.chmod(shell, 0o4755);
  return `${shell} -p -c 'exec setpriv --reuid=0 --regid=0 --clear-groups ${command}'`;
}

/** Waits until there is a process with exactly this command line; shells have it in theirs, too. */
async function untilRuns(command: string): Promise<void> {
  const pgrep = new Deno.Command("pgrep", { args: ["-f", "-x", command], stdout: "null" });
  await until(async () => (await pgrep.output()).success);
}

async function killAll(text: string): Promise<void> {
  for (const pid of await findProcesses(text)) Deno.kill(pid, "SIGKILL");
}

rootTest("runInSession() says that another user's process remains at the timeout", async () => {
  await inOpenDirectory(async (directory) => {
    const sleep = `sleep ${uniqueSleep(61)}`;
    const script = await makeRootCommand(directory, sleep);
    const child = spawnUnprivileged("exec bash -s");
    const { result } = await runScript(`${script}; :`, { child, runWithinMs: 3_000 });
    const remaining = await findProcesses(sleep);
    await killAll(sleep);
    assert.deepEqual(result, { kind: "ran", exitCode: 143, ended: "timeout", remains: true });
    assert.equal(remaining.length, 1);
  });
});

rootTest(
  "runInSession() says so, too, of one that is left when all others have ended",
  async () => {
    await inOpenDirectory(async (directory) => {
      const sleep = `sleep ${uniqueSleep(61)}`;
      const script = `${await makeRootCommand(directory, sleep)} & (trap '' TERM; sleep 60) & wait`;
      const child = spawnUnprivileged("exec bash -s");
      const controller = new AbortController();
      const running = runScript(script, { child, signal: controller.signal });
      await untilRuns(sleep);
      controller.abort();
      const { result } = await running;
      await killAll(sleep);
      assert.deepEqual(result, { kind: "ran", exitCode: 143, ended: "cancelled", remains: true });
    });
  },
);

rootTest(
  "runInSession() does not look for what remains of a command that ended itself",
  async () => {
    await inOpenDirectory(async (directory) => {
      const sleep = `sleep ${uniqueSleep(61)}`;
      const script = await makeRootCommand(directory, sleep);
      const child = spawnUnprivileged("exec bash -s");
      const { result } = await runScript(`${script} & exit 3`, { child });
      await killAll(sleep);
      assert.deepEqual(result, { kind: "ran", exitCode: 3, ended: "itself" });
    });
  },
);

Deno.test("runInSession() ends what a command leaves behind that ignores SIGTERM", async () => {
  const script = "(trap '' TERM; echo $BASHPID; sleep 60; sleep 60) & wait";
  const { result, output } = await runUntilItSpeaks(script);
  assert.deepEqual(result, { kind: "ran", exitCode: 143, ended: "cancelled" });
  assert.match(output.stdout, /^\d+\n$/);
  assert.equal(await isGoneSoon(Number(output.stdout)), true);
});

Deno.test("runInSession() does not count a zombie as a process that remains", async () => {
  // Its parent has left the process group, and does not reap it.
  const sleep = uniqueSleep(61);
  const perl = `if (fork) { setpgrp; exec "sleep", "${sleep}" } else { exit }`;
  const { result } = await runScript(`perl -e '${perl}'`, { runWithinMs: 3_000 });
  const parents = await findProcesses(`sleep ${sleep}`);
  await killAll(`sleep ${sleep}`);
  assert.equal(parents.length, 1);
  assert.deepEqual(result, { kind: "ran", exitCode: 143, ended: "timeout" });
});
