import type { Host } from "../../fleet/host.ts";
import type { Work } from "../../fleet/transport.ts";
import type { NamedCommand } from "../../work/commands/named_command.ts";
import { namesWithin } from "../../targets/folding/names_within.ts";
import { type BatchOptions, runBatch } from "./batch.ts";
import { checkBatch } from "./check.ts";
import { RunReport } from "./report.ts";

/** Characters of the names of hosts in why a run was stopped. */
const MAX_NAMES = 400;

/** What is run on which hosts, one batch after the other. */
export interface Rollout {
  readonly batches: readonly (readonly Host[])[];
  readonly work: Work;
  /** The named command that the work is; null: the caller has written it. */
  readonly named: NamedCommand | null;
  /** What must succeed on each batch after it; null: nothing. */
  readonly check: Work | null;
  /** More failures stop the run after a batch; null: none do. */
  readonly maxFail: number | null;
}

/** A run that has ended. */
export interface RolloutEnd {
  readonly report: RunReport;
  /** Why it has ended early, or did not end well; null: neither. */
  readonly stopped: string | null;
}

/** Runs the batches until there is a reason to stop; the hosts of the others are skipped. */
export async function runRollout(
  { batches, work, named, check, maxFail }: Rollout,
  { onProgress, ...options }: BatchOptions & { readonly onProgress: (progress: string) => void },
): Promise<RolloutEnd> {
  const report = new RunReport(batches.flat());
  const { signal, room } = options.context;
  for (const [at, hosts] of batches.entries()) {
    const good: Host[] = [];
    await runBatch(hosts, work, {
      ...options,
      ...(named && { command: named }),
      onResult: async (result) => {
        await room.pause();
        if (report.add(result)) good.push(result.host);
        onProgress(report.progress);
      },
    });
    const isLast = at === batches.length - 1;
    const fault = (isLast ? null : findStop(report, maxFail)) ??
      (check === null ? null : await checkBatch(good, check, options));
    const reason = signal.aborted ? "cancelled" : fault;
    if (reason === null) continue;
    for (const host of batches.slice(at + 1).flat()) report.skip(host);
    return { report, stopped: batches.length === 1 ? reason : `${reason} ${placeOf(at, batches)}` };
  }
  return { report, stopped: null };
}

function placeOf(at: number, batches: Rollout["batches"]): string {
  return `(batch ${at + 1} of ${batches.length})`;
}

function findStop({ failed, unknown }: RunReport, maxFail: number | null): string | null {
  if (unknown.length > 0) {
    return `outcome unknown on ${namesWithin(unknown, MAX_NAMES)}`;
  }
  if (maxFail === null || failed <= maxFail) return null;
  return `${failed} failed, max_fail is ${maxFail}`;
}
