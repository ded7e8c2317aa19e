import assert from "node:assert/strict";
import { createTurns } from "../../../lib/base/time/turns.ts";
import { newClaimId } from "../../../lib/work/claims/id.ts";
import { type JobKill, killJobProcedure } from "../../../lib/work/jobs/kill.ts";
import {
  type JobList,
  jobListSchema,
  type ListedJob,
  listJobsProcedure,
} from "../../../lib/work/jobs/list.ts";
import { type JobPlace, jobsBelow } from "../../../lib/work/jobs/place.ts";
import { type JobRead, readingIn, readJobProcedure } from "../../../lib/work/jobs/read.ts";
import {
  partFor,
  showJob,
  type ShownJob,
  TURN_MS,
  type WantedOutput,
} from "../../../lib/work/jobs/show.ts";
import { type JobStart, startJobProcedure } from "../../../lib/work/jobs/start.ts";
import type { JobState } from "../../../lib/work/jobs/state.ts";
import type { Reply } from "../../../lib/work/reply.ts";
import type { Procedure } from "../../../lib/work/script.ts";
import { until } from "../../processes.ts";
import { runHere } from "../claims/host_scripts.ts";
import { removeDirectory } from "../../remove_directory.ts";

/** A folder of jobs on this machine; what runs in it ends with the test. */
export interface HostJobs extends AsyncDisposable {
  /** A temporary directory, of which it is a part. */
  readonly directory: string;
  /** The folder of jobs. */
  readonly path: string;
  readonly place: JobPlace;
  readonly start: (command: string, options?: Partial<JobStart>) => Promise<StartedJob>;
  /** The same, if it may fail. */
  readonly tryStart: (command: string, options?: Partial<JobStart>) => Promise<Reply>;
  readonly list: (state?: JobState) => Promise<readonly ListedJob[]>;
  /** How many jobs a list leaves out. */
  readonly leftOut: () => Promise<number>;
  /** Its entry in the list. */
  readonly find: (id: string) => Promise<ListedJob>;
  readonly untilEnded: (id: string) => Promise<ListedJob>;
  readonly read: (
    id: string,
    wanted?: Partial<WantedOutput & Pick<JobRead, "waitSeconds" | "beyond">>,
  ) => Promise<ShownJob>;
  readonly kill: (id: string, options?: Partial<JobKill>) => Promise<Reply>;
  /** Writes a file of a job. */
  readonly write: (id: string, name: string, text: string) => Promise<void>;
  /** What a file of a job holds. */
  readonly file: (id: string, name: string) => Promise<string>;
}

/** A job that was started. */
export interface StartedJob {
  readonly id: string;
  readonly pid: number;
  readonly log: string;
  readonly text: string;
}

/** All of an output. */
const WHOLE: WantedOutput = { offset: null, tail: null, grep: null, context: 0, maxChars: 0 };

/** Makes a `HostJobs`; `env` is set for the scripts. */
export async function openHostJobs(env: Readonly<Record<string, string>> = {}): Promise<HostJobs> {
  const directory = await Deno.realPath(await Deno.makeTempDir());
  const place = jobsBelow(directory);
  const path = `${directory}/jobs`;
  const places = [place];
  const run = async (procedure: Procedure) => procedure.read(await runHere(procedure, env));

  const tryStart: HostJobs["tryStart"] = (command, options) =>
    run(startJobProcedure({ ...PLAIN, place, id: newClaimId(), command, ...options }));

  async function listAll(state: JobState | null): Promise<JobList> {
    const { failure, structured } = await run(listJobsProcedure({ places, state }));
    assert.equal(failure, null);
    return jobListSchema.parse(structured);
  }

  const list = async (state: JobState | null = null) => (await listAll(state)).jobs;

  async function find(id: string): Promise<ListedJob> {
    const job = (await list()).find((job) => job.id === id);
    assert.ok(job, id);
    return job;
  }

  const kill: HostJobs["kill"] = (id, options) =>
    run(killJobProcedure({ places, id, signal: null, by: "ann", ...options }));

  return {
    directory,
    path,
    place,
    tryStart,
    start: async (command, options) => {
      const { failure, structured, text } = await tryStart(command, options);
      assert.equal(failure, null, text);
      const { id, pid, log } = structured ?? {};
      assert.ok(typeof id === "string" && typeof pid === "number" && typeof log === "string");
      return { id, pid, log, text };
    },
    list,
    leftOut: async () => (await listAll(null)).left_out,
    find,
    untilEnded: async (id) => {
      await until(async () => (await find(id)).state !== "running");
      return await find(id);
    },
    read: async (id, { waitSeconds = 0, beyond = null, ...others } = {}) => {
      const wanted = { ...WHOLE, ...others };
      const part = partFor(wanted);
      const reply = await run(readJobProcedure({ places, id, part, waitSeconds, beyond }));
      const reading = readingIn(reply);
      assert.ok(reading, reply.text);
      const { signal } = new AbortController();
      return await showJob(reading, wanted, { signal, turns: createTurns(TURN_MS) });
    },
    kill,
    write: (id, name, text) => Deno.writeTextFile(`${path}/${id}/${name}`, text),
    file: (id, name) => Deno.readTextFile(`${path}/${id}/${name}`),
    [Symbol.asyncDispose]: async () => {
      for (const { id, log } of await list("running")) {
        if (log.startsWith(directory)) await kill(id, { signal: "KILL" });
      }
      await removeDirectory(directory);
    },
  };
}

const PLAIN = { preferred: null, cwd: "", log: "", name: "", waitSeconds: 0 };
