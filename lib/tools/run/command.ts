import type { Clock } from "../../base/time/clock.ts";
import { claimantOf } from "../../fleet/claimant.ts";
import type { Host } from "../../fleet/host.ts";
import {
  type CallContext,
  type CallToolResult,
  defineTool,
  errorResult,
  type Tool,
} from "../../mcp/tool.ts";
import { DEFAULT_TIMEOUT_SECONDS } from "../../work/shell.ts";
import type { RemoteToolOptions } from "../definition.ts";
import type { WaitOptions } from "../hosts/wait.ts";
import { outliveClient } from "../key.ts";
import { createAdmissions, createRunLimits, type RunLimits } from "./admission.ts";
import { answerPlan, answerRun, runOutput } from "./answer.ts";
import { chooseHosts, findRefusal } from "./choose.ts";
import { DEFAULT_PARALLEL, type RunArgs, runInput } from "./input.ts";
import { describePlan } from "./plan.ts";
import { type Rollout, runRollout } from "./rollout.ts";
import { commandWork } from "./work.ts";

/** What `remote_run` works with. */
export interface RunOptions extends RemoteToolOptions, Pick<WaitOptions, "listStates"> {
  readonly clock: Clock;
  /** Connections that one run may make at once; default: no limit of this machine's. */
  readonly maxOpen?: () => number;
}

/** `remote_run`: runs one command on many hosts, and puts those with the same result together. */
export function remoteRun(options: RunOptions): Tool {
  const limits = createRunLimits(options.clock);
  return defineTool({
    name: "remote_run",
    title: "Run on hosts",
    description: "Run one command on many or all remote machines at once: update everywhere, " +
      "compare versions, find the odd one out. Equal results are shown once. " +
      "Unknown outcome: check that host before you repeat it.",
    input: runInput,
    output: runOutput,
    readOnly: false,
    openWorld: true,
    run: async function runOnMany(args, context) {
      const access = options.access();
      const { principal } = context;
      const chosen = chooseHosts(args, principal, access);
      if (chosen.kind === "refused") return errorResult(`Error: ${chosen.reason}`);
      const refusalOf = (host: Host) => findRefusal(host, principal, access);
      if (args.dry_run) return await planRun(chosen.batches, refusalOf, options);
      for (const host of chosen.hosts) {
        const refusal = refusalOf(host);
        if (refusal !== null) return errorResult(`Error: ${refusal}`);
      }
      const { record } = context;
      record.hosts = chosen.hosts.map(({ name }) => name);
      const obstacle = await options.beforeSend?.(record, { readOnly: false }) ?? null;
      if (obstacle !== null) return errorResult(`Error: ${obstacle}`);
      const run = (signal: AbortSignal) =>
        runAll(rolloutOf(args, chosen.batches), { ...context, signal }, { args, limits, options });
      return args.key === undefined
        ? await run(context.signal)
        : await outliveClient(context.signal, run);
    },
  });
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

function rolloutOf(args: RunArgs, batches: Rollout["batches"]): Rollout {
  const { command, cwd, check, batch, timeout: timeoutSeconds = DEFAULT_TIMEOUT_SECONDS } = args;
  return {
    batches,
    work: commandWork({ command, cwd, timeoutSeconds }),
    check: check === undefined ? null : commandWork({ command: check, cwd, timeoutSeconds }),
    maxFail: batch === undefined ? null : args.max_fail ?? 0,
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
