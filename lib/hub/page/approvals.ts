import type { Approval, Decided, Decision } from "../../approvals/store.ts";
import type { ApprovalRow } from "../../http/pages/fleet/model.ts";
import type { HubState } from "../state.ts";

/** The calls that wait for the operator, as the page needs them. */
export interface PageApprovals {
  /** As it was found last, the oldest first. */
  readonly waiting: () => readonly Approval[];
  readonly decide: (id: string, decision: Decision) => Promise<Decided>;
  /** Whether a principal may decide. */
  readonly mayAnswer: (principal: string) => boolean;
}

/** Where nobody is asked. */
export const NO_APPROVALS: PageApprovals = {
  waiting: () => [],
  decide: () => Promise.resolve({ kind: "unknown" }),
  mayAnswer: () => false,
};

/** Those that a principal may answer; nobody else sees what others want to run. */
export function approvalRows(
  principal: string,
  { approvals, hub }: { readonly approvals: PageApprovals; readonly hub: HubState },
): readonly ApprovalRow[] {
  if (!approvals.mayAnswer(principal)) return [];
  return approvals.waiting().map(({ id, principal, tool, hosts, shown, askedAt, expiresAt }) => ({
    id,
    principal,
    tool,
    hosts,
    // Nothing in it is invisible; there may be other secrets now.
    shown: hub.redact(shown).toWellFormed(),
    askedAt,
    expiresAt,
  }));
}

/** Answers one; a text says why that was not done. */
export async function answerApproval(
  { id, verdict }: { readonly id: string; readonly verdict: Decision["verdict"] },
  { principal, approvals }: { readonly principal: string; readonly approvals: PageApprovals },
): Promise<string | null> {
  if (!approvals.mayAnswer(principal)) return "only the hub's own token may answer";
  const decided = await approvals.decide(id, { verdict, by: `${principal}, on the fleet page` });
  switch (decided.kind) {
    case "decided":
      return null;
    case "before":
      return `it was answered before: ${decided.approval.state}`;
    case "unknown":
      return "this call does not wait any more";
  }
}
