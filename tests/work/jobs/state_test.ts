import assert from "node:assert/strict";
import { describeJob, formatSpan } from "../../../lib/work/jobs/state.ts";
import { newClaimId } from "../../../lib/work/claims/id.ts";
import { isGoneSoon } from "../../shell/session_runs.ts";
import { makeZombie, startOf } from "../claims/host_scripts.ts";
import { type HostJobs, openHostJobs } from "./host_jobs.ts";
import { plant, startVictim, thisBoot } from "./planted.ts";

const linux = { ignore: Deno.build.os !== "linux" };

async function stateOf(jobs: HostJobs, id: string) {
  const { state, exit_code } = await jobs.find(id);
  return [state, exit_code];
}

Deno.test({
  name: "a job whose process is another one by now is lost, and one of another boot rebooted",
  ...linux,
  fn: async () => {
    await using jobs = await openHostJobs();
    await using victim = await startVictim();
    const { boot, init } = await thisBoot();
    const { pid, start } = victim;
    const run = [boot, init, pid, start, pid, 1_700_000_000];
    assert.deepEqual(await stateOf(jobs, await plant(jobs, { run })), ["running", null]);
    for (
      const [changed, state] of [
        [{ 3: Number(start) - 1 }, "lost"],
        [{ 0: crypto.randomUUID() }, "rebooted"],
        // A container that was started again has another first process.
        [{ 1: "1" }, "rebooted"],
        [{ 2: "x" }, "lost"],
      ] as const
    ) {
      const other = Object.values({ ...run, ...changed });
      assert.deepEqual(await stateOf(jobs, await plant(jobs, { run: other })), [state, null]);
    }
    // A file that was renamed into place is empty only after a crash of the host.
    assert.deepEqual(await stateOf(jobs, await plant(jobs, { run: [] })), ["rebooted", null]);
  },
});

Deno.test({
  name: "a job that has left its exit code has ended, whatever runs under its process id",
  ...linux,
  fn: async () => {
    await using jobs = await openHostJobs();
    const { boot, init } = await thisBoot();
    const start = await startOf(Deno.pid);
    const run = [boot, init, Deno.pid, start, Deno.pid, 1_700_000_000];
    const rc = "3 1700000060\n";
    const [ended] = [await jobs.find(await plant(jobs, { run, rc }))];
    assert.deepEqual([ended.state, ended.exit_code, ended.duration_s], ["exited", 3, 60]);
    const killed = await jobs.find(
      await plant(jobs, { run, rc: "137 1700000060\n", killed: "KILL 1 ann\n" }),
    );
    assert.deepEqual([killed.state, killed.exit_code, killed.killed_by], ["killed", 137, "ann"]);
    const rebooted = [crypto.randomUUID(), ...run.slice(1)];
    assert.deepEqual(await stateOf(jobs, await plant(jobs, { run: rebooted, rc })), ["exited", 3]);
  },
});

Deno.test({
  name: "a zombie has ended",
  ...linux,
  fn: async () => {
    await using jobs = await openHostJobs();
    await using zombie = await makeZombie();
    const { pid, start } = zombie;
    const { boot, init } = await thisBoot();
    const id = await plant(jobs, { run: [boot, init, pid, start, pid, 1_700_000_000] });
    assert.deepEqual(await stateOf(jobs, id), ["lost", null]);
    assert.equal(await startOf(pid), start);
  },
});

Deno.test("a job that has not said yet that it runs is starting, for a minute", async () => {
  await using jobs = await openHostJobs();
  const id = await plant(jobs, {});
  assert.deepEqual(await stateOf(jobs, id), ["starting", null]);
  const before = new Date(Date.now() - 90_000);
  await Deno.utime(`${jobs.path}/${id}`, before, before);
  assert.deepEqual(await stateOf(jobs, id), ["never started", null]);
});

Deno.test("a job whose runner was killed is lost when it ends", async () => {
  await using jobs = await openHostJobs();
  const { id, pid } = await jobs.start("sleep 60");
  const status = await Deno.readTextFile(`/proc/${pid}/status`);
  Deno.kill(Number(/^PPid:\t(\d+)$/m.exec(status)?.[1]), "SIGKILL");
  assert.deepEqual(await stateOf(jobs, id), ["running", null]);
  Deno.kill(pid, "SIGKILL");
  assert.equal(await isGoneSoon(pid), true);
  assert.deepEqual(await stateOf(jobs, id), ["lost", null]);
});

Deno.test("a list has the newest jobs first, and those of a state alone where one is named", async () => {
  await using jobs = await openHostJobs();
  const { boot, init } = await thisBoot();
  const ids: string[] = [];
  for (const since of [1_700_000_002, 1_700_000_003, 1_700_000_001]) {
    const run = [boot, init, 1, 1, 1, since];
    ids.push(await plant(jobs, { run, rc: "0 1700000060\n" }));
  }
  const [second, first, third] = ids;
  assert.deepEqual((await jobs.list()).map(({ id }) => id), [first, second, third]);
  const { id } = await jobs.start("sleep 60");
  assert.deepEqual((await jobs.list("running")).map((job) => job.id), [id]);
});

Deno.test("a list has no more than two hundred jobs, and says how many are left out", async () => {
  await using jobs = await openHostJobs();
  await jobs.start("true", { waitSeconds: 5 });
  await Promise.all(Array.from({ length: 250 }, async () => {
    const id = newClaimId();
    await Deno.mkdir(`${jobs.path}/${id}`);
    await jobs.write(id, "run", `b 1 1 1 1 1700000000\n`);
    await jobs.write(id, "rc", "0 1700000060\n");
  }));
  assert.deepEqual([(await jobs.list()).length, await jobs.leftOut()], [200, 51]);
});

Deno.test("describeJob() says what is known of a job, and no more", () => {
  const life = { exitCode: null, killedBy: null, seconds: null };
  const said = (state: Parameters<typeof describeJob>[0]["state"], known = {}) =>
    describeJob({ ...life, state, ...known });
  assert.deepEqual(
    [
      said("running", { seconds: 90 }),
      said("running"),
      said("exited", { exitCode: 0, seconds: 7_200 }),
      said("killed", { exitCode: 137, killedBy: "ann", seconds: 3 }),
      said("killed", { exitCode: 143 }),
      said("lost", { seconds: 3 }),
      said("rebooted"),
      said("never started"),
    ],
    [
      "running for 90 s",
      "running",
      "exited 0 after 2 h",
      "killed by ann, exited 137 after 3 s",
      "killed, exited 143",
      "lost: it has ended, and how is not known",
      "rebooted: it ended when its host was restarted",
      "never started",
    ],
  );
});

Deno.test("formatSpan() rounds down, with two digits where it can", () => {
  assert.deepEqual([0, 119, 120, 7_199, 7_200, 172_799, 172_800].map(formatSpan), [
    "0 s",
    "119 s",
    "2 min",
    "119 min",
    "2 h",
    "47 h",
    "2 d",
  ]);
});
