import type { Dispatched } from "../fleet/dispatch.ts";
import type { Outcome } from "../fleet/outcome.ts";
import type { PhaseTimes } from "../fleet/phase.ts";
import type { Via } from "../fleet/transport.ts";
import { outcomeOf } from "./result.ts";

/** How a call went that was handed to a host, for the audit trail and the metrics. */
export interface CarriedCall {
  /** The server's own id of the call. */
  readonly requestId: string;
  readonly via: Via | null;
  readonly outcome: Outcome;
  readonly fallbackReason: string | null;
  /** What the command, or the script that did the tool's work over ssh, ended with. */
  readonly exitCode: number | null;
  readonly phases: PhaseTimes;
}

/** The facts of a call, from what its dispatch came to. */
export function carriedCall(
  requestId: string,
  dispatched: Dispatched,
  phases: PhaseTimes,
): CarriedCall {
  return {
    requestId,
    via: dispatched.kind === "not_delivered" ? null : dispatched.via,
    outcome: outcomeOf(dispatched),
    fallbackReason: dispatched.fallbackReason,
    exitCode: dispatched.kind === "ran" ? dispatched.exitCode : null,
    phases,
  };
}
