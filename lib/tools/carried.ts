import type { Via } from "../fleet/health.ts";
import type { Outcome } from "../fleet/outcome.ts";
import type { PhaseTimes } from "../fleet/phase.ts";
import type { Evidence, View } from "./result.ts";

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

/** The facts of a call, from what its caller is told. */
export function carriedCall(requestId: string, view: View, phases: PhaseTimes): CarriedCall {
  const { via, outcome, fallbackReason, evidence } = view;
  return { requestId, via, outcome, fallbackReason, exitCode: exitCodeOf(evidence), phases };
}

function exitCodeOf(evidence: Evidence): number | null {
  switch (evidence.kind) {
    case "lmcp": {
      const code = evidence.reply.structured?.exit_code;
      return typeof code === "number" ? code : null;
    }
    case "ssh":
      return evidence.run.exitCode;
    case "none":
      return null;
  }
}
