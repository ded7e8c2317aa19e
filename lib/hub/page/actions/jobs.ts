import { z } from "zod";
import type { HubState } from "../../state.ts";
import { shownText } from "../sources.ts";
import type { JobOutput, JobRow, Jobs } from "../../../http/pages/fleet/model.ts";
import type { WantedOutput } from "../../../http/pages/fleet/view.ts";
import { type ListedJob, listedJobSchema } from "../../../work/jobs/list.ts";
import { goesOn, toJobState } from "../../../work/jobs/state.ts";
import type { CallTool } from "./call_tool.ts";

/** Characters of a command. */
const MAX_COMMAND = 120;
/** Characters of an output at once. */
const MAX_OUTPUT_CHARS = 64 * 1024;
/** A page that is farther behind the end of an output, in bytes, goes on near to it. */
const MAX_BEHIND = 1_000_000;
const NEAR_END = 128 * 1024;
/** Longest wait for more of an output, so that a proxy does not give up before. */
const MAX_WAIT_SECONDS = 25;

const listing = z.object({
  jobs: z.array(listedJobSchema),
  no_answer: z.array(z.object({ error: z.string() })),
});

const shownOutput = z.object({
  text: z.string(),
  next_offset: z.int().nullable(),
  size: z.int().nullable(),
  state: z.string(),
  exit_code: z.int().nullable(),
});

/** What is asked about jobs: for whom, and until when. */
export interface JobAsker {
  readonly callTool: CallTool;
  readonly hub: Pick<HubState, "redact">;
  readonly principal: string;
  readonly signal: AbortSignal;
}

/** Lists the jobs of a host as `remote_jobs` does. */
export async function listJobs(
  host: string,
  { mayEnd, hub, callTool, ...asker }: JobAsker & { readonly mayEnd: boolean },
): Promise<Jobs> {
  const answer = await callTool({ ...asker, tool: "remote_jobs", args: { targets: host } });
  if (answer.kind === "problem") return { jobs: [], problem: answer.problem };
  const { jobs, no_answer: [silent] } = listing.parse(answer.structured);
  return {
    jobs: jobs.map((job) => toJobRow(job, { mayEnd, hub })),
    problem: silent === undefined ? null : shownText(silent.error, hub),
  };
}

function toJobRow(
  job: ListedJob,
  { mayEnd, hub }: Pick<JobAsker, "hub"> & { readonly mayEnd: boolean },
): JobRow {
  const state = toJobState(job.state);
  const { id, exit_code: exitCode, name, command, started_at: startedAt, duration_s: ranFor } = job;
  const isOver = !goesOn({ state });
  return {
    id,
    name: name && shownText(name, hub),
    command: firstLine(command, hub),
    state,
    exitCode,
    startedAt: startedAt && 1_000 * startedAt,
    endedAt: isOver && startedAt !== null && ranFor !== null ? 1_000 * (startedAt + ranFor) : null,
    mayEnd: mayEnd && !isOver,
  };
}

function firstLine(command: string, hub: JobAsker["hub"]): string {
  const [line = "", ...others] = command.trim().split("\n");
  const shown = shownText(line, hub, MAX_COMMAND);
  return others.length > 0 && !shown.endsWith("…") ? `${shown} …` : shown;
}

/** Reads a part of a job's output as `remote_output` does. */
export async function readJobOutput(
  { host, id, offset, waitSeconds }: WantedOutput,
  { hub, callTool, ...asker }: JobAsker,
): Promise<JobOutput> {
  const wait = Math.min(Math.max(0, Math.floor(waitSeconds)), MAX_WAIT_SECONDS);
  const args = { host, id, offset, wait, max_chars: MAX_OUTPUT_CHARS };
  const answer = await callTool({ ...asker, tool: "remote_output", args });
  if (answer.kind === "problem") {
    const { problem } = answer;
    return { text: "", nextOffset: offset, leftOut: 0, state: "", exitCode: null, problem };
  }
  const shown = shownOutput.parse(answer.structured);
  return {
    text: hub.redact(shown.text).toWellFormed(),
    ...findNext(shown),
    state: toJobState(shown.state),
    exitCode: shown.exit_code,
    problem: null,
  };
}

/** Where the next part begins. */
function findNext(
  { next_offset: next, size }: z.output<typeof shownOutput>,
): Pick<JobOutput, "nextOffset" | "leftOut"> {
  const isFar = next !== null && size !== null && size - next > MAX_BEHIND;
  return isFar
    ? { nextOffset: size - NEAR_END, leftOut: size - NEAR_END - next }
    : { nextOffset: next, leftOut: 0 };
}

/** Ends a job as `remote_kill` does; a text says why it could not be ended. */
export async function endJob(
  args: { readonly host: string; readonly id: string },
  { callTool, principal, signal }: Omit<JobAsker, "hub">,
): Promise<string | null> {
  const answer = await callTool({ principal, signal, tool: "remote_kill", args: { ...args } });
  return answer.kind === "problem" ? answer.problem : null;
}
