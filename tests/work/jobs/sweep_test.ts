import assert from "node:assert/strict";
import { mountSmall } from "../../mount_small.ts";
import { MAX_JOBS } from "../../../lib/work/jobs/sweep.ts";
import { until } from "../../processes.ts";
import { rootTest } from "../../shell/hosts.ts";
import { type HostJobs, openHostJobs } from "./host_jobs.ts";
import { plant } from "./planted.ts";

const DAY_MS = 24 * 60 * 60 * 1000;

async function makeOlder(jobs: HostJobs, id: string, days: number): Promise<string> {
  const at = new Date(Date.now() - days * DAY_MS);
  await Deno.utime(`${jobs.path}/${id}`, at, at);
  return id;
}

const ENDED = { run: ["b", 1, 1, 1, 1, 1_700_000_000], rc: "0 1700000060\n" };

async function left(jobs: HostJobs): Promise<readonly string[]> {
  return (await Array.fromAsync(Deno.readDir(jobs.path), ({ name }) => name)).sort();
}

Deno.test("a job that ended a week ago is removed when another one is started, and no other", async () => {
  await using jobs = await openHostJobs();
  const running = await makeOlder(jobs, (await jobs.start("sleep 60")).id, 8);
  const young = await makeOlder(jobs, await plant(jobs, ENDED), 6);
  await makeOlder(jobs, await plant(jobs, ENDED), 8);
  await makeOlder(jobs, await plant(jobs, {}), 8);
  const others = ["x-other", "backup", `${"0".repeat(32)}.old`, "a b", "01234567"];
  for (const name of others) {
    await Deno.mkdir(`${jobs.path}/${name}`);
    await Deno.utime(`${jobs.path}/${name}`, 0, 0);
  }
  const { id } = await jobs.start("true");
  const expected = [running, young, id, ...others].sort();
  await until(async () => (await left(jobs)).length <= expected.length);
  assert.deepEqual(await left(jobs), expected);
});

Deno.test("of more than a thousand jobs the oldest that have ended are removed", async () => {
  await using jobs = await openHostJobs();
  const running = await makeOlder(jobs, (await jobs.start("sleep 60")).id, 5);
  const oldest = await makeOlder(jobs, await plant(jobs, ENDED), 4);
  await Promise.all(Array.from({ length: 1_000 }, () => plant(jobs, ENDED)));
  const { id } = await jobs.start("true");
  await until(async () => !(await left(jobs)).includes(oldest));
  await until(async () => (await left(jobs)).length <= 1_002);
  const names = await left(jobs);
  assert.ok(names.includes(running) && names.includes(id));
});

Deno.test("no job is started where there are too many", async () => {
  await using jobs = await openHostJobs();
  await Deno.mkdir(jobs.path, { mode: 0o700 });
  await Promise.all(
    Array.from(
      { length: MAX_JOBS },
      (_, index) => Deno.mkdir(`${jobs.path}/${String(index).padStart(32, "0")}`),
    ),
  );
  const { failure } = await jobs.tryStart(`touch ${jobs.directory}/ran`);
  assert.equal(failure, "there are too many jobs that run, or ended lately");
  await assert.rejects(Deno.stat(`${jobs.directory}/ran`), Deno.errors.NotFound);
  await Deno.remove(jobs.path, { recursive: true });
});

rootTest(
  "a job that fills the disk still leaves its exit code, and none starts on a full one",
  async () => {
    await using jobs = await openHostJobs();
    await using _disk = await mountSmall(jobs.path, { size: "128k" });
    const { id } = await jobs.start("while echo 0123456789; do :; done; exit 7");
    assert.deepEqual([(await jobs.untilEnded(id)).state, (await jobs.find(id)).exit_code], [
      "exited",
      7,
    ]);
    const { failure } = await jobs.tryStart("true");
    assert.match(
      failure ?? "",
      /^cannot (keep a job in|start the command).*: no space left on dev/i,
    );
    assert.equal((await jobs.list()).length, 1);
  },
);
