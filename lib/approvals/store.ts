/** Who is asked whether a call may run: the person at the client that makes it, or the operator. */
export type Asked = "client" | "operator";

/** What has become of an approval: it waits, or was allowed and not used yet, denied, or used. */
export type ApprovalState = "waiting" | "allowed" | "denied" | "used";

/** A call that must not run before a person has allowed it. All of it can be written as JSON. */
export interface ApprovalRequest {
  /** What the operator and the caller name it by. */
  readonly id: string;
  readonly asked: Asked;
  readonly principal: string;
  readonly tool: string;
  /** What differs between two calls that are not the same, each as a SHA-256 in hex. */
  readonly digests: CallDigests;
  /** The hosts, folded, as a person reads them. */
  readonly hosts: string;
  /** What the call would do, as a person reads it: no secrets, and nothing that does not show. */
  readonly shown: string;
  /** What the state that a client sends back is signed with; shown to nobody. */
  readonly signingKey: string;
  /** In milliseconds since 1970. */
  readonly askedAt: number;
  readonly expiresAt: number;
}

/** The parts of a call to which an approval is bound, beside its principal and its tool. */
export interface CallDigests {
  readonly arguments: string;
  readonly hosts: string;
}

/** A request, and what has become of it. */
export interface Approval extends ApprovalRequest {
  readonly state: ApprovalState;
  /** Who has allowed or denied it; null: nobody yet. */
  readonly decidedBy: string | null;
}

/** What a person says. */
export interface Decision {
  readonly verdict: "allowed" | "denied";
  /** Who that is, for the audit trail. */
  readonly by: string;
}

/** What became of a decision: it counts, it came too late (another one counts), or there is no such approval. */
export type Decided =
  | { readonly kind: "decided" | "before"; readonly approval: Approval }
  | { readonly kind: "unknown" };

/** Approvals that nobody has used or denied: of one principal, and in all. */
export const MAX_OPEN = { ofPrincipal: 32, all: 256 } as const;

/** Whether nobody has used or denied an approval. */
export function isOpen({ state }: Pick<Approval, "state">): boolean {
  return state === "waiting" || state === "allowed";
}

/** Whether as many are open as may be, of this principal or in all. */
export function isFull(approvals: readonly Approval[], principal: string): boolean {
  const open = approvals.filter(isOpen);
  const own = open.filter((approval) => approval.principal === principal);
  return open.length >= MAX_OPEN.all || own.length >= MAX_OPEN.ofPrincipal;
}

/** Whether a decision about an approval in some state still counts. */
export function isOpenTo({ verdict }: Decision, { state }: Pick<Approval, "state">): boolean {
  return state === "waiting" || state === "allowed" && verdict === "denied";
}

/**
 * Keeps approvals. Several hubs may share one: `decide()`, `take()` and `drop()` compare and set, so
 * that each has its effect once, whoever calls it. One whose time is over is not there any more.
 */
export interface ApprovalStore {
  /**
   * Keeps one that waits; `full`: as many wait as may, of this principal or in all; `lost`: it is not
   * known to be kept.
   */
  readonly put: (request: ApprovalRequest) => Promise<"kept" | "full" | "lost">;
  /** The oldest first. */
  readonly list: () => Promise<readonly Approval[]>;
  readonly find: (id: string) => Promise<Approval | null>;
  /** Decides one that waits; a no counts also after a yes that nobody has used. */
  readonly decide: (id: string, decision: Decision) => Promise<Decided>;
  /** Uses one that is allowed; false: it is not, or another call has used it. */
  readonly take: (id: string) => Promise<boolean>;
  /** Forgets one, whose time may be over; returns what it was, null: it was forgotten before. */
  readonly drop: (id: string) => Promise<Approval | null>;
  /**
   * Calls the listener when another hub may have changed something; absent: there are no others. Returns
   * the function that ends this.
   */
  readonly watch?: (listener: () => void) => () => void;
}
