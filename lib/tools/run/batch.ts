import { untilCalm } from "../../base/bursts.ts";
import { redactInSteps } from "../../base/text/redact.ts";
import { type Host, placeOf } from "../../fleet/host.ts";
import type { Work } from "../../fleet/transport.ts";
import type { CallContext } from "../../mcp/tool.ts";
import type { HostResult } from "../../targets/folding/host_result.ts";
import type { NamedCommand } from "../../work/commands/named_command.ts";
import { deliver, type DeliverOptions, findHost, type RemoteToolOptions } from "../definition.ts";
import { luaQuote } from "../lua_quote.ts";
import type { Answered, Refused } from "../result.ts";
import type { Admission, Admissions } from "./admission.ts";
import { skippedResult, toHostResult } from "./host_result.ts";

/** Hosts that are begun without a pause: with a thousand at once, none would be heard in time. */
const BURST = 25;

/** Options of running a command on hosts. */
export interface BatchOptions
  extends Pick<RemoteToolOptions, "access" | "dispatch" | "now">, Pick<DeliverOptions, "key"> {
  readonly admissions: Admissions;
  readonly context: CallContext;
  /** The named command that the work is; absent: the caller has written it. */
  readonly command?: NamedCommand;
}

/** A host's result, which is not held any longer than it takes to look at it. */
export interface BatchResult {
  readonly host: Host;
  readonly result: HostResult;
  /** It is that of an earlier call with the same key. */
  readonly isEarlier: boolean;
}

/** Called with each result as it comes; the next command begins when it has been looked at. */
type OnResult = (result: BatchResult) => Promise<void>;

/** Does some work on hosts. None begins once nobody waits for it. */
export async function runBatch(
  hosts: readonly Host[],
  work: Work,
  { onResult, ...options }: BatchOptions & { readonly onResult: OnResult },
): Promise<void> {
  const running: Promise<void>[] = [];
  const faults: unknown[] = [];

  async function runOne(host: Host, admission: Admission | null): Promise<void> {
    using _admission = admission;
    await onResult(
      admission === null ? skipped(host) : await runOnHost(host, work, { ...options, admission }),
    );
  }

  for (const host of hosts) {
    if (running.length % BURST === 0) await untilCalm();
    const admission = await options.admissions.open();
    running.push(
      runOne(host, admission).catch((error) => {
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

/** A run can take hours: what holds when a host's turn comes is what counts. */
async function runOnHost(
  host: Host,
  work: Work,
  { admission, context, access, command, ...options }: Omit<BatchOptions, "admissions"> & {
    readonly admission: Admission;
  },
): Promise<BatchResult> {
  const { principal, signal } = context;
  const use = { principal, tool: "remote_run", ...(command && { command }) } as const;
  function find(): ReturnType<typeof findHost> {
    const found = findHost(access(), { ...use, hostName: host.name });
    const isMoved = found.kind === "found" && placeOf(found.host) !== placeOf(host);
    // A person has allowed this for the host as it was.
    return isMoved && context.confirm !== undefined ? moved(host) : found;
  }
  const found = find();
  if (found.kind === "refused") return toResult(host, found, context);
  // What its hosts print would come from all of them at once.
  const quiet = { ...context, reportProgress: null };
  const answered = await deliver(work, found.host, quiet, {
    ...options,
    admit: async (via) => await admission.admit(via) && find().kind === "found",
  });
  const isUntouched = answered.kind === "not_delivered" && !admission.isAdmitted();
  if (isUntouched && signal.aborted) return skipped(host);
  const later = find();
  const wasRefused = answered.kind === "not_delivered" && later.kind === "refused";
  return await toResult(host, wasRefused ? later : answered, context);
}

function moved({ name }: Host): Refused {
  const reason = `${luaQuote(name)} is another host than when this was allowed`;
  return { kind: "refused", reason };
}

async function toResult(
  host: Host,
  answered: Answered,
  { redact, room }: CallContext,
): Promise<BatchResult> {
  const result = toHostResult(host, answered);
  const isEarlier = answered.kind === "ran" && answered.isEarlier === true;
  if (redact === undefined) return { host, result, isEarlier };
  // Before it is cut anywhere, as half a secret is not found.
  const hide = (text: string) => redactInSteps(text, redact, room.pause);
  const [stdout, stderr] = [await hide(result.stdout), await hide(result.stderr)];
  const note = result.note === null ? null : redact(result.note);
  return { host, result: { ...result, stdout, stderr, note }, isEarlier };
}
