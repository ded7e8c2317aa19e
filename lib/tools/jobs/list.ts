import { z } from "zod";
import { inBursts } from "../../base/bursts.ts";
import { foreignText } from "../../base/text/foreign_text.ts";
import { within } from "../../base/time/within.ts";
import type { Host } from "../../fleet/host.ts";
import { usesSsh } from "../../fleet/lmcp/ssh_url.ts";
import { listingMs } from "../../fleet/probe.ts";
import {
  type CallContext,
  type CallToolResult,
  defineTool,
  errorResult,
  type Tool,
} from "../../mcp/tool.ts";
import { foldNames } from "../../targets/fold_names.ts";
import { HIDDEN } from "../../work/jobs/find.ts";
import {
  type JobList,
  jobListSchema,
  listedJobSchema,
  listJobsProcedure,
  withinBounds,
} from "../../work/jobs/list.ts";
import { jobsBeside, OWN_JOBS } from "../../work/jobs/place.ts";
import { type JobState, jobStateArgument } from "../../work/jobs/state.ts";
import { jobLine } from "../../work/jobs/words.ts";
import type { RemoteToolOptions } from "../definition.ts";
import { NO_TARGETS, resolveHosts, targetsArgument } from "../targets_argument.ts";
import { openAsking } from "./asking.ts";
import { describeFailure } from "./failure.ts";

/** Jobs in a text. */
const MAX_LINES = 100;
/** Characters of why a host has not answered. */
const MAX_REASON = 200;

const input = z.strictObject({
  targets: targetsArgument.optional(),
  state: jobStateArgument.optional(),
});

const output = z.object({
  jobs: z.array(listedJobSchema.extend({ host: z.string() })).describe("The newest first"),
  left_out: z.int().describe("Older ones that are not listed"),
  no_answer: z.array(z.object({ host: z.string(), error: z.string() })).describe(
    "Hosts whose jobs are not known, and why",
  ),
});

type Listing = z.output<typeof output>;

/** `remote_jobs`: the jobs of hosts, all of which are asked at once. */
export function remoteJobs(options: RemoteToolOptions): Tool {
  return defineTool({
    name: "remote_jobs",
    title: "List jobs",
    description: "List the background jobs that remote_shell_bg has started: id, host, state, " +
      "exit code, age, name.",
    input,
    output,
    readOnly: true,
    run: ({ targets = "@all", state = null }, context) =>
      listAll({ targets, state }, context, options),
  });
}

async function listAll(
  { targets, state }: { readonly targets: string; readonly state: JobState | null },
  context: CallContext,
  options: RemoteToolOptions,
): Promise<CallToolResult> {
  const access = options.access();
  const { principal, record } = context;
  const visible = access.hostsFor(principal);
  const resolved = visible.hosts.size === 0 ? NO_TARGETS : resolveHosts(targets, visible);
  if (resolved.kind === "refused") return errorResult(`Error: ${resolved.reason}`);
  record.hosts = resolved.targets.map(({ name }) => name);
  const uses = [{ tool: "remote_jobs", readOnly: true, hosts: record.hosts }];
  const denial = await context.confirm?.({ uses }) ?? null;
  if (denial !== null) return errorResult(`Error: ${denial}`);
  const answers = await inBursts(resolved.targets, async (host): Promise<HostAnswer> => {
    const refusal = access.findRefusal(principal, { tool: "remote_jobs", host });
    return [host, refusal === null ? await listOne(host, { state, context, options }) : FORBIDDEN];
  });
  const listing = toListing(answers);
  return {
    content: [{ type: "text", text: listingText(listing, answers) }],
    structuredContent: listing,
  };
}

/** A host's jobs, or why they are not known. */
type HostAnswer = readonly [host: Host, answer: JobList | string];

const FORBIDDEN = "remote_jobs is not allowed there";

/** A host that does not answer in time is not waited for, so that it delays no other. */
async function listOne(
  host: Host,
  { state, context, options }: {
    readonly state: JobState | null;
    readonly context: CallContext;
    readonly options: RemoteToolOptions;
  },
): Promise<JobList | string> {
  const limitMs = deadlineMs(host);
  const givingUp = new AbortController();
  const signal = AbortSignal.any([context.signal, givingUp.signal]);
  using asking = openAsking(host, { ...context, signal }, options);
  const asked = asking.ask({
    tool: "jobs",
    args: state === null ? {} : { state },
    readOnly: true,
    runMs: null,
    procedure: ({ agentClaims }) =>
      listJobsProcedure({ places: [jobsBeside(agentClaims), OWN_JOBS], state }),
  });
  const answered = await within(asked, limitMs, context.signal);
  if (typeof answered === "string") {
    givingUp.abort();
    await asked;
    return answered === "timeout" ? `no answer within ${limitMs / 1_000} s` : answered;
  }
  const failure = describeFailure(answered);
  if (failure !== null || answered.kind !== "ran") return failure ?? NO_LIST;
  const list = jobListSchema.safeParse(answered.reply.structured);
  return list.success ? withinBounds(list.data) : NO_LIST;
}

const NO_LIST = "its server has answered with something else than a list of jobs";

function deadlineMs(host: Host): number {
  return listingMs(host) + (usesSsh(host) ? host.timeouts.sshMs : 0);
}

function toListing(answers: readonly HostAnswer[]): Listing {
  const jobs: Listing["jobs"] = [];
  const no_answer: Listing["no_answer"] = [];
  let left_out = 0;
  for (const [{ name: host }, answer] of answers) {
    if (typeof answer === "string") {
      no_answer.push({ host, error: foreignText(answer, MAX_REASON) });
    } else {
      jobs.push(...answer.jobs.map((job) => ({ ...job, host })));
      left_out += answer.left_out;
    }
  }
  jobs.sort((a, b) => (b.started_at ?? 0) - (a.started_at ?? 0));
  return { jobs, left_out, no_answer };
}

function listingText(
  { jobs, left_out, no_answer }: Listing,
  answers: readonly HostAnswer[],
): string {
  const shown = jobs.slice(0, MAX_LINES);
  const more = jobs.length - shown.length + left_out;
  const hidden = answers.flatMap(([{ name }, answer]) =>
    typeof answer !== "string" && answer.hidden ? [name] : []
  );
  const silent = [...Map.groupBy(no_answer, ({ error }) => error)].map(([error, hosts]) =>
    `${foldNames(hosts.map(({ host }) => host))} (${error})`
  );
  return [
    ...(jobs.length === 0 ? ["no jobs"] : shown.map((job) => jobLine(job, job.host))),
    ...(more === 0 ? [] : [`${more} more: narrow the list with targets or state`]),
    ...(hidden.length === 0 ? [] : [`not all of ${foldNames(hidden)}: ${HIDDEN}`]),
    ...(silent.length === 0 ? [] : [`no answer: ${silent.join("; ")}`]),
  ].join("\n");
}
