import type { Clock } from "../../base/time/clock.ts";
import type { Intent } from "../../calls/intent.ts";
import { claimantOf } from "../../fleet/claimant.ts";
import type { Host } from "../../fleet/host.ts";
import { COMMAND_TOOL } from "../../fleet/rules.ts";
import {
  type CallContext,
  type CallToolResult,
  defineTool,
  errorResult,
  type Tool,
} from "../../mcp/tool.ts";
import type { RemoteToolOptions } from "../definition.ts";
import type { WaitOptions } from "../hosts/wait.ts";
import { outliveClient } from "../key.ts";
import { createAdmissions, createRunLimits, type RunLimits } from "./admission.ts";
import { answerPlan, answerRun, runOutput } from "./answer.ts";
import { chooseHosts, findRefusal } from "./choose.ts";
import { aloneInput, DEFAULT_PARALLEL, mixedInput, type RunArgs, runInput } from "./input.ts";
import { describePlan } from "./plan.ts";
import { type Rollout, runRollout } from "./rollout.ts";
import { readTask, type RunTask } from "./task.ts";
import { commandWork } from "./work.ts";

/** What `remote_run` works with. */
export interface RunOptions extends RemoteToolOptions, Pick<WaitOptions, "listStates"> {
  readonly clock: Clock;
  /** Connections that one run may make at once; default: no limit of this machine's. */
  readonly maxOpen?: () => number;
}

const ABOUT = {
  name: "remote_run",
  title: "Run on hosts",
  description: "Run one command on many or all remote machines at once: update everywhere, " +
    "compare versions, find the odd one out. Equal results are shown once. " +
    "Unknown outcome: check that host before you repeat it.",
  output: runOutput,
  readOnly: false,
  openWorld: true,
} as const;

/**
 * `remote_run`: runs one command on many hosts, and puts those with the same result together. Which
 * arguments there are depends on the named commands of its caller.
 */
export function remoteRun(options: RunOptions): Tool {
  const limits = createRunLimits(options.clock);
  const run = (args: RunArgs, context: CallContext) =>
    runOnMany(args, context, { limits, options });
  const plain = defineTool({ ...ABOUT, input: runInput, run });
  const mixed = defineTool({ ...ABOUT, input: mixedInput, run });
  const alone = defineTool({ ...ABOUT, input: aloneInput, run });
  return {
    ...plain,
    call: function callRun(args, context) {
      const { commands, isAlone } = options.access().commandsFor(context.principal);
      const tool = isAlone ? alone : commands.size > 0 ? mixed : plain;
      return tool.call(args, context);
    },
  };
}

async function runOnMany(
  args: RunArgs,
  context: CallContext,
  { limits, options }: { readonly limits: RunLimits; readonly options: RunOptions },
): Promise<CallToolResult> {
  const access = options.access();
  const { principal, record } = context;
  const task = readTask(args, access.commandsFor(principal).commands);
  if (task.kind === "refused") return refuse(task.reasons);
  const { named } = task;
  const chosen = chooseHosts(args, principal, access);
  if (chosen.kind === "refused") return refuse([chosen.reason]);
  const refusalOf = (host: Host) => findRefusal(host, { principal, access, named });
  if (args.dry_run) return await planRun(chosen.batches, refusalOf, options);
  for (const host of chosen.hosts) {
    const refusal = refusalOf(host);
    if (refusal !== null) return refuse([refusal]);
  }
  record.hosts = chosen.hosts.map(({ name }) => name);
  const denial = await context.confirm?.(intentOf(task, { ...args, hosts: record.hosts })) ?? null;
  if (denial !== null) return refuse([denial]);
  const obstacle = await options.beforeSend?.(record, { readOnly: false }) ?? null;
  if (obstacle !== null) return refuse([obstacle]);
  const rollout = rolloutOf(args, { task, batches: chosen.batches });
  const run = (signal: AbortSignal) =>
    runAll(rollout, { ...context, signal }, { args, limits, options });
  return args.key === undefined
    ? await run(context.signal)
    : await outliveClient(context.signal, run);
}

/** Its arguments say what it runs, but for those of a named command. */
function intentOf(
  { named, work: { command: text } }: Extract<RunTask, { kind: "task" }>,
  { check, hosts }: Pick<RunArgs, "check"> & { readonly hosts: readonly string[] },
): Intent {
  // A check is what its caller has written, whatever it is a check of.
  const readOnly = named?.readOnly === true && check === undefined;
  const uses = [{ tool: COMMAND_TOOL, readOnly, hosts }];
  return named === null
    ? { uses }
    : { uses, command: { text, mustBeConfirmed: named.mustBeConfirmed } };
}

function refuse(reasons: readonly string[]): CallToolResult {
  return errorResult(reasons.map((reason) => `Error: ${reason}`).join("\n"));
}

async function planRun(
  batches: Rollout["batches"],
  refusalOf: (host: Host) => string | null,
  { listStates, now }: RunOptions,
): Promise<CallToolResult> {
  const startedAt = now();
  const states = await listStates(batches.flat(), { force: false });
  const planned = batches.flatMap((hosts, at) =>
    hosts.map((host) => ({
      host,
      batch: at + 1,
      state: states.get(host),
      refusal: refusalOf(host),
    }))
  );
  const durationMs = Math.round(now() - startedAt);
  return answerPlan(planned, { text: describePlan(planned), durationMs });
}

function rolloutOf(
  { check, batch, max_fail: maxFail = 0 }: RunArgs,
  { task: { work, named }, batches }: {
    readonly task: Extract<RunTask, { kind: "task" }>;
    readonly batches: Rollout["batches"];
  },
): Rollout {
  return {
    batches,
    work: commandWork(work),
    named,
    check: check === undefined ? null : commandWork({ ...work, command: check }),
    maxFail: batch === undefined ? null : maxFail,
  };
}

async function runAll(
  rollout: Rollout,
  context: CallContext,
  { args, limits, options: { access, dispatch, now, maxOpen = () => Infinity } }: {
    readonly args: RunArgs;
    readonly limits: RunLimits;
    readonly options: RunOptions;
  },
): Promise<CallToolResult> {
  const { principal, signal, reportProgress, noteState } = context;
  const startedAt = now();
  const { key = null, parallel = DEFAULT_PARALLEL } = args;
  const claimant = claimantOf(principal);
  const end = await runRollout(rollout, {
    access,
    dispatch,
    now,
    key,
    context,
    admissions: createAdmissions({ limits, claimant, signal, parallel, maxOpen: maxOpen() }),
    onProgress: (progress) => {
      reportProgress?.(progress);
      noteState?.(progress);
    },
  });
  const { targets } = args;
  return answerRun(end, { ...context, targets, durationMs: Math.round(now() - startedAt) });
}
