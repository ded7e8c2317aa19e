import { letOthersRun } from "../../base/bursts.ts";
import type { Redact } from "../../base/text/redact.ts";
import type { Host } from "../../fleet/host.ts";
import type { Work } from "../../fleet/transport.ts";
import type { CallContext } from "../../mcp/tool.ts";
import type { HostResult } from "../../targets/folding/host_result.ts";
import { deliver, type DeliverOptions } from "../definition.ts";
import type { Admission, Admissions } from "./admission.ts";
import { skippedResult, toHostResult } from "./host_result.ts";

/** Hosts that are begun without a pause: a thousand at once would keep the first ones waiting. */
const BURST = 50;

/** What running a command on hosts needs. */
export interface BatchOptions extends Pick<DeliverOptions, "dispatch" | "now" | "key"> {
  readonly admissions: Admissions;
  readonly context: CallContext;
}

/** A host's result, which is not held any longer than it takes to look at it. */
export interface BatchResult {
  readonly host: Host;
  readonly result: HostResult;
  /** It is that of an earlier call with the same key. */
  readonly isEarlier: boolean;
}

/** Does some work on hosts, and passes on each result as it comes. None begins once nobody waits. */
export async function runBatch(
  hosts: readonly Host[],
  work: Work,
  { onResult, ...options }: BatchOptions & {
    readonly onResult: (result: BatchResult) => Promise<void>;
  },
): Promise<void> {
  const running: Promise<void>[] = [];
  const faults: unknown[] = [];
  for (const host of hosts) {
    if (running.length % BURST === BURST - 1) await letOthersRun();
    const admission = await options.admissions.open();
    const result = admission === null
      ? Promise.resolve(skipped(host))
      : runOnHost(host, work, { ...options, admission });
    running.push(
      result.then(onResult).catch((error) => {
        faults.push(error);
      }),
    );
  }
  await Promise.all(running);
  // A bug that concerns one host does not leave the others running behind its answer.
  if (faults.length > 0) throw faults[0];
}

function skipped(host: Host): BatchResult {
  return { host, result: skippedResult(host), isEarlier: false };
}

async function runOnHost(
  host: Host,
  work: Work,
  { admission, context, ...options }: Omit<BatchOptions, "admissions"> & {
    readonly admission: Admission;
  },
): Promise<BatchResult> {
  using _admission = admission;
  const { admit, isAdmitted } = admission;
  // What its hosts print would come from all of them at once.
  const quiet = { ...context, reportProgress: null };
  const answered = await deliver(work, host, quiet, { ...options, admit });
  if (context.signal.aborted && answered.kind === "not_delivered" && !isAdmitted()) {
    return skipped(host);
  }
  const result = hideIn(toHostResult(host, answered), context.redact);
  return { host, result, isEarlier: answered.kind === "ran" && answered.isEarlier === true };
}

/** Before it is cut anywhere, as half a secret is not found. */
function hideIn(result: HostResult, redact: Redact | undefined): HostResult {
  if (redact === undefined) return result;
  const { stdout, stderr, note } = result;
  return {
    ...result,
    stdout: redact(stdout),
    stderr: redact(stderr),
    note: note === null ? null : redact(note),
  };
}
