import { z } from "zod";
import type { Reply } from "../reply.ts";
import { failedReply, findRunFailure } from "../run_failure.ts";
import type { Procedure, ScriptRun } from "../script.ts";
import { FieldReader, readNumber } from "./fields.ts";
import { isJobId, jobIdSchema } from "./id.ts";
import { EXIT, inPlaces } from "./on_host.ts";
import type { JobPlace } from "./place.ts";
import { JOB_STATES, type JobState, readJobState, spanOf, toJobState } from "./state.ts";

/** Jobs in the answer of one host: the newest. */
const MAX_LISTED = 200;
/** Characters of a command, or a name, that are shown. */
const SHOWN_CHARS = 200;
/** Longest path on a host. */
const MAX_PATH_CHARS = 4_096;

/** A job in a list. */
export const listedJobSchema = z.object({
  id: jobIdSchema,
  state: z.string().describe(JOB_STATES.join(", ")),
  exit_code: z.int().nullable(),
  name: z.string().nullable(),
  command: z.string().describe("How it begins"),
  pid: z.int().nullable(),
  started_at: z.int().nullable().describe("Seconds since 1970"),
  age_s: z.int().nullable().describe("Seconds since it was started"),
  duration_s: z.int().nullable().describe("For how long it runs, or ran"),
  killed_by: z.string().nullable(),
  log: z.string().describe("File with its output"),
});

/** One of them. */
export type ListedJob = z.output<typeof listedJobSchema>;

/** The jobs of a host. */
export const jobListSchema = z.object({
  jobs: z.array(listedJobSchema).describe("The newest first"),
  left_out: z.int().describe("Older ones that are not listed"),
  hidden: z.boolean().describe("Whether there are jobs that this user may not see"),
});

/** The same. */
export type JobList = z.output<typeof jobListSchema>;

/** No more of a list than a host may give: it may have been made by another program. */
export function withinBounds({ jobs, left_out, hidden }: JobList): JobList {
  return {
    jobs: jobs.slice(0, MAX_LISTED).map((job) => ({
      ...job,
      state: toJobState(job.state),
      name: job.name && cut(job.name),
      command: cut(job.command),
      killed_by: job.killed_by && cut(job.killed_by),
      log: cut(job.log, MAX_PATH_CHARS),
    })),
    left_out: left_out + Math.max(0, jobs.length - MAX_LISTED),
    hidden,
  };
}

function cut(text: string, chars = SHOWN_CHARS): string {
  return text.slice(0, chars).toWellFormed();
}

/** Which jobs, and where. */
export interface ListJobs {
  readonly places: readonly JobPlace[];
  /** Null: all. */
  readonly state: JobState | null;
}

/** Lists jobs: `jobs` of the agent, `remote_jobs` over ssh. */
export function listJobsProcedure({ places, state }: ListJobs): Procedure {
  return {
    source: `${inPlaces(places, SAY_ALL)}printf '%s\\0' "$closed"\n`,
    input: null,
    limits: { headBytes: 2 * 1024 * 1024, tailBytes: 0 },
    wholeOutput: true,
    read: (run) => readList(run, state),
  };
}

const FIELDS = 10;

const SAY_ALL = `for e in "$j"/[0-9a-fk]*/; do
e=\${e%/}
[ -d "$e" ] || continue
job_state "$e"
job_out "$e"
by= command= name=
[ "$s" != killed ] || { read -r x x by <"$e/killed"; } 2>/dev/null
{ IFS= read -r -d '' -n ${SHOWN_CHARS} command <"$e/command"; } 2>/dev/null
[ ! -e "$e/name" ] || { IFS= read -r -d '' -n ${SHOWN_CHARS} name <"$e/name"; } 2>/dev/null
printf '%s\\0' "\${e##*/}" "$s" "$c" "$since" "$end" "$n" "$pid" "$by" "$name" "$command" "$o"
done
exit ${EXIT.absent}`;

function readList(run: ScriptRun, wanted: JobState | null): Reply {
  const failure = findRunFailure(run);
  if (failure !== null) return failedReply(`cannot list jobs: ${failure}`);
  const reader = new FieldReader(run.output.bytes("stdout"));
  const all: ListedJob[] = [];
  let end: string | undefined;
  while (end === undefined) {
    const [id] = reader.take(1);
    if (id === undefined) return failedReply("cannot list jobs: the list has no end");
    const others = reader.take(FIELDS);
    if (others.length < FIELDS) end = id;
    // What else lies there is no job.
    else if (isJobId(id)) all.push(toJob(id, others));
  }
  const jobs = all.filter(({ state }) => wanted === null || state === wanted)
    .sort((a, b) => (b.started_at ?? 0) - (a.started_at ?? 0));
  const list: JobList = {
    jobs: jobs.slice(0, MAX_LISTED),
    left_out: Math.max(0, jobs.length - MAX_LISTED),
    hidden: end === "1",
  };
  return { text: "", failure: null, structured: list };
}

function toJob(id: string, fields: readonly string[]): ListedJob {
  const [state = "", code, since, end, now, pid, by = "", name = "", command = "", log = ""] =
    fields;
  return {
    id,
    state: readJobState(state) ?? "lost",
    exit_code: readNumber(code),
    name: name === "" ? null : name,
    command,
    pid: readNumber(pid),
    started_at: readNumber(since),
    age_s: spanOf(since, now),
    duration_s: spanOf(since, state === "running" ? now : end),
    killed_by: by === "" ? null : by,
    log,
  };
}
