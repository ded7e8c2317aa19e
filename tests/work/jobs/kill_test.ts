import assert from "node:assert/strict";
import { findProcesses, uniqueSleep, until } from "../../processes.ts";
import { type HostJobs, openHostJobs } from "./host_jobs.ts";
import { plant, startVictim, thisBoot } from "./planted.ts";

const linux = { ignore: Deno.build.os !== "linux" };

/** Starts a job, and waits until it has said that it is there. */
async function startUntilReady(jobs: HostJobs, command: string) {
  const job = await jobs.start(command);
  await until(async () => (await jobs.read(job.id)).text.includes("ready"));
  return job;
}

/** Seconds between the signal and the end, by the host's own notes. */
async function secondsToEnd(jobs: HostJobs, id: string): Promise<number> {
  const [, asked] = (await jobs.file(id, "killed")).split(" ");
  const [, ended] = (await jobs.file(id, "rc")).split(" ");
  return Number(ended) - Number(asked);
}

Deno.test("a job is asked to end, and says how it did", async () => {
  await using jobs = await openHostJobs();
  const { id } = await startUntilReady(
    jobs,
    "trap 'echo bye; exit 5' TERM; echo ready; while :; do sleep 0.05; done",
  );
  const { text, failure, structured } = await jobs.kill(id);
  assert.equal(failure, null);
  assert.match(text, /^job [0-9a-f]{8}: killed by ann, exited 5 after \d+ s$/);
  assert.deepEqual(structured, {
    id,
    state: "killed",
    exit_code: 5,
    signalled: true,
    remains: false,
  });
  assert.match((await jobs.read(id)).text, /bye\n$/);
  assert.match(await jobs.file(id, "killed"), /^TERM \d+ ann\n$/);
});

Deno.test("a job that does not end when it is asked is killed after five seconds, with exit code 137", async () => {
  await using jobs = await openHostJobs();
  const sleep = uniqueSleep(60);
  const { id } = await startUntilReady(jobs, `trap '' TERM; echo ready; sleep ${sleep}; echo on`);
  const startedAt = performance.now();
  assert.equal((await jobs.kill(id)).structured?.exit_code, 137);
  assert.ok(performance.now() - startedAt > 4_900);
  assert.deepEqual(await findProcesses(sleep), []);
  assert.equal((await jobs.read(id)).text, "ready\n");
});

Deno.test("a job that has only stopped is ended, too", async () => {
  await using jobs = await openHostJobs();
  const { id, pid } = await startUntilReady(jobs, "echo ready; sleep 60");
  Deno.kill(-pid, "SIGSTOP");
  assert.equal((await jobs.kill(id)).structured?.exit_code, 143);
  assert.ok(await secondsToEnd(jobs, id) < 5);
});

Deno.test("a grandchild in a session of its own is ended with its job, also one that will not", async () => {
  await using jobs = await openHostJobs();
  const [gentle, stubborn] = [uniqueSleep(60), uniqueSleep(61)];
  const command = `setsid bash -c 'sleep ${gentle}' & ` +
    `(trap '' TERM; exec setsid sleep ${stubborn}) & echo ready; wait`;
  const { id } = await startUntilReady(jobs, command);
  const found = async () => [...await findProcesses(gentle), ...await findProcesses(stubborn)];
  // The job's own shell names them as well.
  await until(async () => (await found()).length >= 2);
  const { structured } = await jobs.kill(id);
  assert.deepEqual([structured?.state, structured?.remains], ["killed", false]);
  assert.deepEqual(await found(), []);
});

Deno.test("what a job has left running is ended after it", async () => {
  await using jobs = await openHostJobs();
  const sleep = uniqueSleep(60);
  const { id } = await jobs.start(`setsid sleep ${sleep} & sleep ${sleep} & exit 4`);
  assert.equal((await jobs.untilEnded(id)).state, "exited");
  await until(async () => (await findProcesses(sleep)).length === 2);
  const { text } = await jobs.kill(id);
  assert.match(
    text,
    /: it had ended before \(exited 4 after \d+ s\), what it had left running was/,
  );
  assert.deepEqual(await findProcesses(sleep), []);
  // It was not killed.
  assert.equal((await jobs.find(id)).state, "exited");
  assert.match((await jobs.kill(id)).text, /: it had ended before: exited 4 after \d+ s$/);
});

Deno.test("a signal that is named is sent, and nothing follows", async () => {
  await using jobs = await openHostJobs();
  const { id } = await startUntilReady(
    jobs,
    "trap 'echo again' HUP; echo ready; while :; do sleep 0.05; done",
  );
  const { text, structured } = await jobs.kill(id, { signal: "HUP" });
  // A job is started such that the end of a session does not end it, as with nohup.
  assert.match(text, /: HUP was sent; running for \d+ s$/);
  assert.deepEqual([structured?.state, structured?.exit_code], ["running", null]);
  const interrupted = await jobs.kill(id, { signal: "INT" });
  assert.match(interrupted.text, /: INT was sent; /);
  assert.deepEqual((await jobs.untilEnded(id)).exit_code, 130);
});

Deno.test("a job is killed at once where that is wanted", async () => {
  await using jobs = await openHostJobs();
  const { id } = await startUntilReady(jobs, "trap '' TERM; echo ready; sleep 60");
  assert.equal((await jobs.kill(id, { signal: "KILL" })).structured?.exit_code, 137);
  assert.ok(await secondsToEnd(jobs, id) < 5);
  assert.match(await jobs.file(id, "killed"), /^KILL \d+ ann\n$/);
});

for (
  const [what, change] of [
    ["has another start", { 3: "1" }],
    ["is of another boot", { 0: crypto.randomUUID() }],
    ["is of a container that has started again", { 1: "1" }],
    ["does not lead its group", { 4: "1" }],
  ] as const
) {
  Deno.test({
    name: `a process that ${what} is never signalled`,
    ...linux,
    fn: async () => {
      await using jobs = await openHostJobs();
      await using victim = await startVictim();
      const { boot, init } = await thisBoot();
      const { pid, start } = victim;
      const run = [boot, init, pid, start, pid, 1_700_000_000];
      const id = await plant(jobs, { run: Object.values({ ...run, ...change }) });
      for (const signal of [null, "KILL", "STOP"] as const) {
        const { structured } = await jobs.kill(id, { signal });
        assert.equal(structured?.signalled, false);
      }
      assert.equal(victim.isAlive(), true);
      // The same process, as it should be.
      const right = await plant(jobs, { run });
      assert.equal((await jobs.kill(right, { signal: "KILL" })).structured?.signalled, true);
      await until(() => !victim.isAlive());
    },
  });
}

Deno.test("a job that only starts is not signalled, and that is said", async () => {
  await using jobs = await openHostJobs();
  const id = await plant(jobs, {});
  assert.match((await jobs.kill(id)).text, /: starting: try again in a moment$/);
});

Deno.test("a job is found by the beginning of its id, if that is of one job alone", async () => {
  await using jobs = await openHostJobs();
  const { id } = await startUntilReady(jobs, "echo ready; sleep 60");
  const start = id.slice(0, 10);
  await Deno.mkdir(`${jobs.path}/${start}${"0".repeat(22)}`);
  assert.equal(
    (await jobs.kill(start)).failure,
    `several jobs begin with "${start}"`,
  );
  assert.equal((await jobs.kill(id.slice(0, 20))).structured?.id, id);
  const other = id.replace(/./g, (digit) => digit === "0" ? "1" : "0");
  assert.equal((await jobs.kill(other)).failure, `no such job "${other}"`);
});

Deno.test("a job that something of another job has started outlives that one", async () => {
  await using outer = await openHostJobs();
  const { id } = await outer.start("sleep 60");
  await using inner = await openHostJobs({ LMCP_JOB: id });
  const started = await inner.start("while [ ! -e go ]; do sleep 0.05; done; exit 3", {
    cwd: inner.directory,
  });
  await outer.kill(id);
  await Deno.writeTextFile(`${inner.directory}/go`, "");
  const { state, exit_code } = await inner.untilEnded(started.id);
  assert.deepEqual([state, exit_code], ["exited", 3]);
});
