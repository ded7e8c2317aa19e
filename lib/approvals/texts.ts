import type { Approval, ApprovalRequest } from "./store.ts";

/** A person at the client said no. */
export const DECLINED = "not run: the person at your client has denied it";
/** The client answered something else than yes or no. */
export const NOT_ANSWERED = "not run: your client has sent no answer of a person: call again";
/** A state that is wrong, old, used, or somebody else's. */
export const NOT_ITS_STATE =
  "not run: the answer is to no question of this hub that still stands " +
  "(each counts once, for ten minutes): call again, without it";
/** As many wait as may. */
export const FULL =
  "not run: too many calls wait for a person already: have them answered first, " +
  "or wait ten minutes";

/** The store cannot be reached. */
export const NOT_KEPT = "not run: a person must allow this call first, and what waits for a " +
  "person cannot be kept now: call again in a moment";

/** What to say of an id that names nothing, or nothing of the caller's. */
export function unknownApproval(id: string): string {
  return `not run: there is no approval ${
    JSON.stringify(id)
  } of yours: it lasts ten minutes, and ` +
    "ends when the hub restarts. Repeat the call without `approval` to ask again";
}

/** In what a call differs from the one that was asked about; null: in nothing. */
export function describeDifference(asked: ApprovalRequest, call: ApprovalRequest): string | null {
  const differs = [
    ...(asked.tool === call.tool ? [] : ["another tool"]),
    ...(asked.digests.arguments === call.digests.arguments ? [] : ["other arguments"]),
    ...(asked.digests.hosts === call.digests.hosts ? [] : ["other hosts"]),
  ];
  if (differs.length === 0) return null;
  return `not run: the approval is for a call with ${differs.join(" and ")}: repeat that ` +
    "call exactly, or leave `approval` out to ask about this one. The approval still stands";
}

/** Why an approval cannot be used, or that it can. */
export function describeState({ id, state, decidedBy }: Approval): string {
  switch (state) {
    case "waiting":
      return `not run: approval ${JSON.stringify(id)} still waits for the operator. ` +
        "Repeat the call when it is given";
    case "allowed":
      return `not run yet: it is allowed: repeat the call with approval=${JSON.stringify(id)}`;
    case "denied":
      return `not run: the operator has denied it (${decidedBy ?? "nobody"}). ` +
        "Do not ask again before you have talked to a person";
    case "used":
      return `not run: approval ${
        JSON.stringify(id)
      } is used already, for one call: whether that ` +
        "call had an effect is what its own answer says. Leave `approval` out to ask again";
  }
}

/** What a caller whose call waits for the operator is to do. */
export function describeWaiting(
  { id, hosts, tool }: ApprovalRequest,
  { hasPage, minutes }: { readonly hasPage: boolean; readonly minutes: number },
): string {
  const page = hasPage ? ", or answers on the fleet page" : "";
  return `not run: a person must allow this call first (${tool} on ${hosts}). Ask your user to have ` +
    `the operator of the hub answer: the operator runs "lmcp-hub --approve ${id}" (or --deny) on ` +
    `the hub's machine${page}, within ${minutes} minutes. Then repeat the same call with ` +
    `approval=${JSON.stringify(id)}. Nothing has run`;
}
