import { foreignText } from "../../base/text/foreign_text.ts";
import { formatBytes, formatCount } from "../../outputs/cut.ts";
import { shortJobId } from "./id.ts";
import { HIDDEN } from "./find.ts";
import type { JobList, ListedJob } from "./list.ts";
import type { ShownJob, WantedOutput } from "./show.ts";
import {
  describeJob,
  formatSpan,
  goesOn,
  type JobLife,
  type JobState,
  toJobState,
} from "./state.ts";

/** How long a model is advised to wait for more of an output, in seconds. */
const ADVISED_WAIT = 45;
/** Characters of a command in a list. */
const MAX_COMMAND = 60;

/** A job's line in a list; `host` is left out where there is only one. */
export function jobLine(job: ListedJob, host: string | null): string {
  const columns = [
    shortJobId(job.id),
    ...(host === null ? [] : [host]),
    stateWord(toJobState(job.state), job.exit_code),
    job.age_s === null ? "-" : `${formatSpan(job.age_s)} ago`,
    job.name === null ? firstLine(job.command) : foreignText(job.name),
  ];
  return columns.join("  ");
}

function stateWord(state: JobState, exitCode: number | null): string {
  return exitCode === null ? state : `${state} ${exitCode}`;
}

function firstLine(command: string): string {
  const [line = "", ...others] = command.trim().split("\n");
  const isCut = others.length > 0 || line.length > MAX_COMMAND;
  return `${foreignText(line.slice(0, MAX_COMMAND))}${isCut ? " …" : ""}`;
}

/** A list of one host's jobs, for a model to read. */
export function listText({ jobs, left_out, hidden }: JobList): string {
  return [
    ...(jobs.length === 0 ? ["no jobs"] : jobs.map((job) => jobLine(job, null))),
    ...(left_out === 0 ? [] : [`${formatCount(left_out)} more that are older`]),
    ...(hidden ? [`Not listed: ${HIDDEN}`] : []),
  ].join("\n");
}

/** How a caller asks for more: a tool, and its arguments but for the offset. */
export type HowToAsk = string;

/** What is shown of a job's output, for a model to read: the text, and a line that says the rest. */
export function outputText(shown: ShownJob, wanted: WantedOutput, how: HowToAsk): string {
  const gap = shown.left_out === 0
    ? []
    : [`[${formatBytes(shown.left_out)} left out: ${how} offset=${shown.next_offset}]`];
  return [shown.text, ...gap, shown.rest, statusLine(shown, wanted, how)]
    .filter((part) => part !== "").map(withoutLineEnd).join("\n");
}

function statusLine(shown: ShownJob, wanted: WantedOutput, how: HowToAsk): string {
  const facts = [...describePart(shown, wanted), describeJob(lifeOf(shown))];
  const { size, left_out, next_offset } = shown;
  const next = left_out > 0 && goesOn(lifeOf(shown)) ? size : left_out > 0 ? null : next_offset;
  if (next === null) return `[${facts.join(", ")}]`;
  const isAll = size !== null && next >= size;
  const advice = isAll ? `offset=${next} wait=${ADVISED_WAIT}` : `offset=${next}`;
  // Whoever searches goes on with the same pattern.
  return wanted.grep === null
    ? `[${facts.join(", ")}: ${how} ${advice}]`
    : `[${facts.join(", ")}: the same with ${advice} goes on]`;
}

function describePart(shown: ShownJob, { offset, grep }: WantedOutput): readonly string[] {
  const { size, matches } = shown;
  if (size === null) return ["its log is no file that can be read"];
  if (grep !== null) return [`${formatCount(matches ?? 0)} matching ${plural(matches)}`];
  if (size === 0) return ["no output"];
  if (offset === null || shown.offset === null) return [];
  return [`from byte ${shown.offset} of ${size}`];
}

function plural(matches: number | null): string {
  return matches === 1 ? "line" : "lines";
}

/** What an answer says of a job's life. */
export function lifeOf(
  shown: Pick<ShownJob, "state" | "exit_code" | "killed_by" | "duration_s">,
): JobLife {
  return {
    state: toJobState(shown.state),
    exitCode: shown.exit_code,
    killedBy: shown.killed_by && foreignText(shown.killed_by),
    seconds: shown.duration_s,
  };
}

function withoutLineEnd(text: string): string {
  return text.endsWith("\n") ? text.slice(0, -1) : text;
}
