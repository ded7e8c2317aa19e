import type { Budget } from "../calls/budget.ts";
import type { OutputText } from "../shell/output.ts";
import { newClaimId } from "../work/claims/id.ts";
import type { Reply } from "../work/reply.ts";
import { type ClaimedAttempt, ClaimedAttempts } from "./claims/attempt.ts";
import type { Host } from "./host.ts";
import type { Link } from "./link.ts";
import { nextStep } from "./outcome.ts";
import type { ClearAttempt } from "./claims/settled.ts";
import type { Call, Transport, Via, Work } from "./transport.ts";

/** What came of some work, whichever way it went. */
export type Dispatched =
  /** It ran over `via`, and perhaps failed. */
  | {
    readonly kind: "ran";
    readonly via: Via;
    readonly reply: Reply;
    readonly exitCode: number | null;
    /** It is the answer of an earlier call with the same key. */
    readonly isEarlier?: true;
  } & Trials
  /** It certainly did not run. */
  | { readonly kind: "not_delivered" } & Trials
  /** It may have run, over `via`; `output` is what came before contact was lost. */
  | { readonly kind: "unknown"; readonly via: Via; readonly output: OutputText | null } & Trials;

/** Why a transport did not do some work. */
export interface TransportError {
  readonly via: Via;
  readonly reason: string;
  /** Whether the host has no such transport. */
  readonly isMissing: boolean;
}

/** The transports that did not do it. */
interface Trials {
  /** One for each that was considered. */
  readonly errors: readonly TransportError[];
  /** Why another than the host's first transport was tried; null: none was. */
  readonly fallbackReason: string | null;
}

/** Does work on a host. Never rejects for what the host does. */
export type Dispatch = (host: Host, work: Work, call: Call) => Promise<Dispatched>;

/** Options of `createDispatch()`. */
export interface DispatchOptions {
  readonly linkTo: (host: Host) => Link;
  readonly budget: Budget;
}

/** Makes a `Dispatch`. The one place that has work done a second time. */
export function createDispatch({ linkTo, budget }: DispatchOptions): Dispatch {
  async function dispatchRead(host: Host, work: Work, call: Call): Promise<Dispatched> {
    const { keepRoom = (room) => room[Symbol.dispose]() } = call;
    const lease = budget.lease(call.claimant);
    try {
      return await tryTransports(linkTo(host), work, { ...call, room: lease });
    } finally {
      keepRoom(lease);
    }
  }

  // The answer of what changes things is never turned away: its outcome would be unknown.
  return function dispatch(host, work, call) {
    if (work.readOnly) return dispatchRead(host, work, call);
    const claim = call.claim ?? { id: newClaimId(), digest: null };
    const openRoom = () => budget.lease(call.claimant);
    return tryTransports(linkTo(host), work, { ...call, claim, openRoom });
  };
}

/** Tries a host's transports in order, as the delivery table says. */
async function tryTransports(link: Link, work: Work, call: Call): Promise<Dispatched> {
  const transports = link.transports.filter((transport) => transport.canDo(work));
  const failures: TransportFailure[] = [];
  const attempts = new ClaimedAttempts(link, work, call);
  for (const [index, transport] of transports.entries()) {
    const hasAnother = transports.slice(index + 1).some(({ missing }) => missing === null);
    const obstacle = hasAnother ? transport.findObstacle() : null;
    const { attempt, isSettled, isEarlier }: ClaimedAttempt = obstacle === null
      ? await attempts.over(transport)
      : { attempt: { kind: "not_run", reason: obstacle }, isSettled: false, isEarlier: false };
    if (attempt.kind === "ran") {
      const { via } = transport;
      const trials = trialsOf(failures, transport);
      if (!isSettled) link.health.recordUp(via, describeFallback(trials));
      return {
        ...attempt,
        via,
        ...(isEarlier ? { isEarlier } : {}),
        ...trials,
      };
    }
    failures.push({ transport, attempt });
    if (nextStep(attempt, work) === "end") break;
  }
  return concludeWithoutAnswer(failures);
}

interface TransportFailure {
  readonly transport: Transport;
  readonly attempt: Exclude<ClearAttempt, { kind: "ran" }>;
}

/** Work that may have run over one transport has unknown outcome, whatever the others say. */
function concludeWithoutAnswer(failures: readonly TransportFailure[]): Dispatched {
  const trials = trialsOf(failures, failures[1]?.transport);
  for (const { transport: { via }, attempt } of failures.toReversed()) {
    if (attempt.kind === "unknown") {
      return { kind: "unknown", via, output: attempt.output, ...trials };
    }
    if (attempt.kind === "stopped" && attempt.mayHaveRun) {
      return { kind: "unknown", via, output: null, ...trials };
    }
  }
  return { kind: "not_delivered", ...trials };
}

/** Why another than the host's first transport was tried, in the words of a probe; null: none was. */
function describeFallback({ errors: [first], fallbackReason }: Trials): string | null {
  return fallbackReason === null || first === undefined ? null : `${first.via}: ${fallbackReason}`;
}

/** `next` is the transport that was tried after the first failure; undefined: none was. */
function trialsOf(failures: readonly TransportFailure[], next: Transport | undefined): Trials {
  const errors = failures.map(({ transport: { via, missing }, attempt: { reason } }) => (
    { via, reason, isMissing: missing !== null }
  ));
  const [first] = errors;
  const fellBack = next?.missing === null && first !== undefined && !first.isMissing;
  return { errors, fallbackReason: fellBack ? first.reason : null };
}
