import assert from "node:assert/strict";
import { newClaimId } from "../../../lib/work/claims/id.ts";
import { killJobProcedure } from "../../../lib/work/jobs/kill.ts";
import { jobListSchema, listJobsProcedure } from "../../../lib/work/jobs/list.ts";
import { jobsBelow, jobsBeside, OWN_JOBS } from "../../../lib/work/jobs/place.ts";
import { readingIn, readJobProcedure } from "../../../lib/work/jobs/read.ts";
import { startJobProcedure } from "../../../lib/work/jobs/start.ts";
import type { Procedure } from "../../../lib/work/script.ts";
import { OutputCapture } from "../../../lib/shell/output.ts";
import { freshUid, rootTest, spawnUnprivileged } from "../../shell/hosts.ts";
import { runScript } from "../../shell/session_runs.ts";
import { runHere } from "../claims/host_scripts.ts";
import { onlyPrograms } from "./host_files.ts";
import { startVictim } from "./planted.ts";
import { removeDirectory } from "../../remove_directory.ts";

Deno.test("jobs stand beside an agent's claims", () => {
  const path = "/x/state/jobs";
  assert.deepEqual(jobsBeside("/x/state/claims"), { kind: "folder", path });
  assert.deepEqual(jobsBelow("/x/state"), { kind: "folder", path });
  assert.deepEqual(jobsBeside(null), { kind: "folder", path: "/var/lib/lmcp-agent/jobs" });
});

const WHOLE = { kind: "ends", head: 1_000, tail: 1_000 } as const;

/** Another user, who has a folder of jobs. */
async function openOtherUser() {
  const directory = await Deno.realPath(await Deno.makeTempDir());
  const state = `${directory}/state`;
  const uid = freshUid();
  await Deno.mkdir(state, { mode: 0o700 });
  await Deno.chmod(directory, 0o711);
  await Deno.chown(state, uid, uid);
  const place = jobsBelow(state);

  async function runAs(procedure: Procedure, as = uid) {
    const output = new OutputCapture(procedure.limits);
    const child = spawnUnprivileged("cd /; exec bash --norc -s", as);
    const { result } = await runScript(procedure.source, { child, output });
    assert.ok(result.kind === "ran");
    return procedure.read({ ...result, output });
  }

  return {
    directory,
    place,
    path: `${state}/jobs`,
    uid,
    runAs,
    start: async (command: string) => {
      const id = newClaimId();
      const job = { preferred: null, place, id, command, cwd: "", log: "", name: "" };
      const { failure } = await runAs(startJobProcedure({ ...job, waitSeconds: 0 }));
      assert.equal(failure, null);
      return id;
    },
    [Symbol.asyncDispose]: () => removeDirectory(directory),
  };
}

for (const [what, programs] of [["setpriv", ["setpriv"]], ["perl", ["perl"]]] as const) {
  rootTest(`root sees and ends the jobs of an agent's user as that user, by ${what}`, async () => {
    await using other = await openOtherUser();
    await using path = await onlyPrograms([
      ...programs,
      ...["stat", "env", "true", "date", "wc", "tail", "head", "sleep", "grep", "ls", "mv", "find"],
    ]);
    await Deno.chmod(path.path, 0o755);
    const run = async (procedure: Procedure) =>
      procedure.read(await runHere(procedure, { PATH: path.path }));
    const places = [other.place, OWN_JOBS];
    const id = await other.start("echo ready; sleep 60");
    const listed = jobListSchema.parse(
      (await run(listJobsProcedure({ places, state: null }))).structured,
    );
    assert.deepEqual(listed.jobs.map((job) => [job.id, job.state]), [[id, "running"]]);
    const read = { places, id, part: WHOLE, waitSeconds: 10, beyond: 0 };
    const reading = readingIn(await run(readJobProcedure(read)));
    assert.equal(new TextDecoder().decode(reading?.pieces[0]?.bytes), "ready\n");
    const kill = killJobProcedure({ places, id, signal: null, by: "ann" });
    assert.equal((await run(kill)).structured?.exit_code, 143);
    assert.equal((await Deno.stat(`${other.path}/${id}/killed`)).uid, other.uid);
  });
}

rootTest("root neither reads nor ends for another user what is not that user's", async () => {
  await using other = await openOtherUser();
  const secret = `${other.directory}/secret`;
  await Deno.writeTextFile(secret, "secret\n", { mode: 0o600 });
  const id = await other.start("sleep 60");
  await Deno.remove(`${other.path}/${id}/out`);
  await Deno.symlink(secret, `${other.path}/${id}/out`);
  await using victim = await startVictim();
  const places = [other.place];
  const run = async (procedure: Procedure) => procedure.read(await runHere(procedure));
  const read = readJobProcedure({ places, id, part: WHOLE, waitSeconds: 0, beyond: null });
  const { failure: unread, structured } = await run(read);
  assert.deepEqual([structured, unread], [null, "permission denied"]);
  const file = `${other.path}/${id}/run`;
  const [boot, init, , , , since] = (await Deno.readTextFile(file)).split(" ");
  const { pid, start } = victim;
  await Deno.writeTextFile(file, [boot, init, pid, start, pid, since].join(" "));
  const kill = killJobProcedure({ places, id, by: "ann", signal: "KILL" });
  assert.match((await run(kill)).failure ?? "", /; something of it could not be ended/);
  assert.equal(victim.isAlive(), true);
});

rootTest("whoever may not see the agent's jobs hears of it", async () => {
  await using other = await openOtherUser();
  const id = await other.start("true");
  const stranger = freshUid();
  const list = listJobsProcedure({ places: [other.place], state: null });
  const { structured } = await other.runAs(list, stranger);
  assert.deepEqual(structured, { jobs: [], left_out: 0, hidden: true });
  const kill = killJobProcedure({ places: [other.place], id, signal: null, by: "ann" });
  assert.match((await other.runAs(kill, stranger)).failure ?? "", /that this user may see; those/);
  assert.deepEqual((await other.runAs(list)).structured?.hidden, false);
});
