import { foreignText } from "../../base/text/foreign_text.ts";
import { OutputCapture } from "../../shell/output.ts";
import type { Found, FoundClaim, ScriptEnd } from "../../work/claims/found.ts";
import { readScriptEnd } from "../../work/claims/script_end.ts";
import type { Reply } from "../../work/reply.ts";
import { exitCodeIn, readReply } from "../backend/reply.ts";
import type { Attempt, SentClaim, Work } from "../transport.ts";

/** The result of an attempt once its host had been asked for what was not known of it. */
export type ClearAttempt = Exclude<Attempt, { readonly kind: "taken" | "unclaimable" }>;

/** An attempt after which its claim is asked for. */
export type OpenAttempt =
  & Extract<Attempt, { readonly kind: "taken" | "unknown" }>
  & { readonly claim: SentClaim };

/** What is known of a call whose claim was asked for; null: nobody could be asked. */
export function concludeClaim(
  known: FoundClaim | null,
  attempt: OpenAttempt,
  { work, digest }: { readonly work: Work; readonly digest: string | null },
): ClearAttempt {
  const isOther = digest !== null && known !== null && known.digest !== null &&
    known.digest !== digest;
  if (isOther) return { kind: "stopped", reason: OTHER_CALL, mayHaveRun: false };
  const found = known?.found ?? null;
  const output = attempt.kind === "taken" ? null : attempt.output;
  const unknown = (what: string) =>
    ({ kind: "unknown", reason: reasonOf(attempt, digest, what), output }) as const;
  if (found === null) return unknown("");
  // Its claim was made where there was no room to say for what.
  const isNameless = digest !== null && known?.digest === null;
  if (isNameless && (found.state === "ended" || found.state === "exited")) {
    return unknown("what ran with it is not known");
  }
  switch (found.state) {
    case "ended":
      if (found.result === null) return unknown("it ran, but its answer was not kept");
      return {
        kind: "ran",
        reply: readReply(found.result),
        exitCode: exitCodeIn(found.result),
      };
    case "exited": {
      const reply = readEnd(found.end, attempt, work);
      if (reply === null) return unknown("it ran, but its answer was not kept");
      return { kind: "ran", reply, exitCode: found.end.exitCode };
    }
    case "fenced":
      return { kind: "not_run", reason: reasonOf(attempt, digest, "it did not run") };
    default:
      return unknown(describe(found));
  }
}

/** Why a call with a key does not run. */
const OTHER_CALL = "this key was used for another call: take a new one";

function readEnd(end: ScriptEnd, attempt: OpenAttempt, { procedure }: Work): Reply | null {
  const known = attempt.claim.readEnd?.(end);
  if (known !== undefined || procedure === null) return known ?? null;
  const facts = { claimId: attempt.claim.id, agentClaims: null };
  return readScriptEnd(procedure(facts), end, new OutputCapture({ headBytes: 0, tailBytes: 0 }));
}

function describe(found: Exclude<Found, { state: "ended" | "exited" | "fenced" }>): string {
  switch (found.state) {
    case "running":
      return "it is still running";
    case "begun":
    case "gone":
      return "it began and was cut off";
    case "rebooted":
      return "the host has been restarted since";
    case "forgotten":
      return "what the host knows of calls does not go back to it";
    case "unable":
    case "unclaimable":
      return `the host does not know what became of it: ${foreignText(found.reason)}`;
  }
}

/** What went wrong, and what the host knows of it. */
function reasonOf(attempt: OpenAttempt, digest: string | null, what: string): string {
  if (attempt.kind === "unknown") {
    return what === "" ? attempt.reason : `${attempt.reason}; ${what}`;
  }
  const whose = digest === null ? "its claim is taken" : "this key was used before";
  return what === "" ? whose : `${whose}; ${what}`;
}
