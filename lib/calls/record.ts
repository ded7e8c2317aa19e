import type { PhaseTimes } from "./phases.ts";
import type { LimitName } from "./quotas.ts";

/** What became of a call on one host. */
export type DeliveryOutcome =
  /** It ran, with whatever exit code. */
  | "ok"
  /** It ran, and the tool says that it failed. */
  | "failed"
  /** It certainly did not run. */
  | "not_delivered"
  /** It may have run. */
  | "unknown";

/** What became of a tool call. */
export type CallOutcome =
  | DeliveryOutcome
  /** It was not accepted: unknown tool or host, bad arguments, no permission, too many. */
  | "refused"
  /** The server itself failed. */
  | "bug";

/** A call on its way to one host, after it has ended. */
export interface Delivery {
  /** The host's name. */
  readonly host: string;
  /** The transport it went over; null: none. */
  readonly via: "lmcp" | "nats" | "ssh" | null;
  readonly outcome: DeliveryOutcome;
  /** Why it did not go over the host's first transport; null: it did. */
  readonly fallbackReason: string | null;
  /** What the command, or the script that did the tool's work over ssh, ended with. */
  readonly exitCode: number | null;
  /** It did not run now: the answer is that of an earlier call with the same key. */
  readonly isEarlier?: true;
  readonly phases: PhaseTimes;
}

/**
 * One `tools/call`: begun when the call arrives, filled in wherever something becomes known of it.
 * The audit trail writes it when it is about to be sent to a host and when it has ended, the metrics
 * when it has ended.
 */
export interface CallRecord {
  /** The server's own id of the call. */
  readonly requestId: string;
  /** Name of the token the caller presented. */
  readonly principal: string;
  /** What the client says of itself; null: nothing. */
  readonly client: { readonly name: string; readonly version: string } | null;
  /** W3C trace context; null: none. */
  readonly traceparent: string | null;
  /** The name that was asked for, which need not be that of a tool. */
  readonly tool: string;
  /** As they came; `{}` where they were no object. */
  readonly args: Readonly<Record<string, unknown>>;
  /** The hosts of a call that is about several, once they are known; null: they are not. */
  hosts: readonly string[] | null;
  /** One for each host that the call was sent to, or was to be sent to. */
  readonly deliveries: Delivery[];
  outcome: CallOutcome;
  /** Why nobody waited for the answer any more; null: it was sent. */
  ended: string | null;
  /** The limit of its caller that it was over, and refused for; absent: none. */
  overLimit?: LimitName;
  /** Size of the answer as sent; 0: there was none. */
  answerBytes: number;
  durationMs: number;
  /** How its lines of the audit trail begin, as JSON; null: none is written yet. */
  auditHead: string | null;
}

/** Begins a record. A call whose outcome nobody sets has thrown: that is a bug. */
export function beginRecord(
  call: Pick<CallRecord, "requestId" | "principal" | "client" | "traceparent" | "tool" | "args">,
): CallRecord {
  return {
    ...call,
    hosts: null,
    deliveries: [],
    outcome: "bug",
    ended: null,
    answerBytes: 0,
    durationMs: 0,
    auditHead: null,
  };
}

/**
 * The outcome of a tool that has run. What became of the work counts, not whether anybody still
 * waited for the answer; of several hosts, what the caller must look into most.
 */
export function callOutcome(
  end: "ok" | "failed" | "stopped",
  deliveries: readonly Delivery[],
): Exclude<CallOutcome, "bug"> {
  if (deliveries.length === 0) return WITHOUT_DELIVERY[end];
  if (deliveries.some(({ outcome }) => outcome === "unknown")) return "unknown";
  if (deliveries.every(({ outcome }) => outcome === "not_delivered")) return "not_delivered";
  return deliveries.every(({ outcome }) => outcome === "ok") ? "ok" : "failed";
}

/** A tool that failed without a delivery did not accept its arguments. */
const WITHOUT_DELIVERY = { ok: "ok", failed: "refused", stopped: "unknown" } as const;

/** The one host that a call is about, which need not exist; null: none, or several. */
export function hostOf({ args, hosts, deliveries }: CallRecord): string | null {
  if (hosts !== null || deliveries.length > 1) return null;
  return deliveries[0]?.host ?? (typeof args.host === "string" ? args.host : null);
}

/** The hosts that a call is about, as far as they are known; they need not exist. */
export function hostsOf(call: CallRecord): readonly string[] {
  if (call.hosts !== null) return call.hosts;
  if (call.deliveries.length > 1) return call.deliveries.map(({ host }) => host);
  const host = hostOf(call);
  return host === null ? [] : [host];
}
