import { Buffer } from "node:buffer";
import {
  type ArgumentLimits,
  type AuditArguments,
  auditArguments,
  LIMITS,
  LIMITS_OF_REFUSED,
} from "./arguments.ts";
import { foldDeliveries, MOST_DELIVERIES } from "./fold_deliveries.ts";
import type { ApprovalEvent } from "../approvals/gate.ts";
import type { Denial } from "../calls/denial.ts";
import { type CallOutcome, type CallRecord, type Delivery, hostOf } from "../calls/record.ts";
import type { LimitName } from "../calls/quotas.ts";
import { escapeControls } from "../base/text/controls.ts";
import type { LineWriter } from "../base/line_writer.ts";
import { type Redact, redactStart } from "../base/text/redact.ts";
import { foldNames } from "../targets/fold_names.ts";

/** Characters of the reasons of a call: what a backend or ssh said is part of them. */
const MAX_REASON = 4_096;
/** Characters of the names of the hosts of a call. */
const MAX_HOSTS = 256 * 1024;
/** The same, of an approval. */
const MAX_APPROVAL_HOSTS = 4_096;
/** Bytes of the line of a call that was refused. */
const MAX_REFUSED_BYTES = 2_048;

/** How both lines of a call begin. */
interface AuditHead {
  readonly request_id: string;
  readonly principal: string;
  /** What the client says of itself; null: nothing. */
  readonly client: { readonly name: string; readonly version: string } | null;
  readonly traceparent: string | null;
  readonly tool: string;
  readonly host: string | null;
  /** Those of a call that is about several, as a target expression; absent: it is not. */
  readonly hosts?: string;
  readonly arguments: AuditArguments["written"];
  readonly arguments_left_out: AuditArguments["leftOut"];
}

/** A call on its way to one host. Times in milliseconds; null: that phase was not reached. */
interface AuditDelivery {
  readonly via: Delivery["via"];
  readonly outcome: CallOutcome;
  readonly fallback_reason: string | null;
  readonly exit_code: number | null;
  /** It did not run now: its answer is that of an earlier call with the same key. */
  readonly earlier?: true;
  readonly queue_ms: number | null;
  readonly connect_ms: number | null;
  readonly run_ms: number | null;
}

/** On its way to one of several hosts; or to those of many, `hosts`, that had the same outcome. */
interface AuditHostDelivery extends AuditDelivery {
  readonly host?: string;
  readonly hosts?: string;
}

/**
 * What became of a call. One to several hosts has `deliveries`; what differs between them is null in
 * the line itself, and its `outcome` is that of the call as a whole.
 */
interface AuditEnd extends AuditDelivery {
  /** Why nobody waited for the answer any more; null: it was sent. */
  readonly ended: string | null;
  /** The limit of its caller that it was over; absent: none. */
  readonly limit?: LimitName;
  /** Size of the answer on the wire. */
  readonly answer_bytes: number;
  readonly duration_ms: number;
  /** Absent: there is one, which the line itself describes, or none. */
  readonly deliveries?: readonly AuditHostDelivery[];
}

/** Options of `createAudit()`. */
export interface AuditOptions extends Pick<LineWriter, "write" | "writeSoon"> {
  readonly now: () => Date;
}

/** What is known beside a call when it is written. */
export interface AuditContext {
  /** Hides the secrets that are known by then. */
  readonly redact: Redact;
  /** Names of the arguments that the call's tool declares. */
  readonly declared: readonly string[];
}

/** A request that was refused since its caller is not known. */
interface AuditDenial {
  readonly had_token: boolean;
  readonly reason?: string;
  readonly claimed?: string;
  readonly remote: string | null;
  readonly forwarded_for: string | null;
  readonly path: string;
}

/** What has happened to an approval. */
interface AuditApproval {
  readonly state: ApprovalEvent["kind"];
  readonly id: string;
  readonly principal: string;
  readonly tool: string;
  readonly hosts: string;
  /** Who is asked: the client's user, or the operator. */
  readonly asked: string;
  /** Who has allowed or denied it; null: nobody. */
  readonly by: string | null;
  /** The call that has asked for it, or has used it; null: none. */
  readonly request_id: string | null;
}

/** Lines that were not written, since there were too many of them. */
interface AuditLeftOut {
  readonly what: string;
  readonly principal: string;
  readonly count: number;
}

/** Writes lines of JSON for calls. */
export interface Audit {
  /** Writes the line of a call that is about to be sent to a host. */
  readonly begin: (call: CallRecord, context: AuditContext) => ReturnType<LineWriter["write"]>;
  /** The same, for a call that does not wait until its line is written. */
  readonly beginSoon: (call: CallRecord, context: AuditContext) => void;
  /** Writes the line of a call that has ended. */
  readonly end: (call: CallRecord, context: AuditContext) => void;
  readonly deny: (denial: Denial) => void;
  readonly approval: (event: ApprovalEvent, redact: Redact) => void;
  /** Writes that lines of some kind were left out. */
  readonly leaveOut: (what: string, lines: Pick<AuditLeftOut, "principal" | "count">) => void;
}

/** Makes an `Audit`. */
export function createAudit({ write, writeSoon, now }: AuditOptions): Audit {
  /** When and why a line is written; `event` distinguishes it from the log's in the same place. */
  const startOf = (event: "begun" | "ended" | "denied" | "approval" | "left_out") =>
    `{"time":"${now().toISOString()}","event":"${event}",`;
  const begunLine = (call: CallRecord, context: AuditContext) =>
    `${startOf("begun")}${headOf(call, context)}}`;
  const endedLine = (head: string, call: CallRecord, context: AuditContext) =>
    `${startOf("ended")}${head},${toMembers(auditEnd(call, context))}}`;

  function refusedLine(call: CallRecord, context: AuditContext): string {
    const lineWithin = (limits: ArgumentLimits) =>
      endedLine(toMembers(auditHead(call, context, limits)), call, context);
    const line = lineWithin(LIMITS_OF_REFUSED.short);
    return Buffer.byteLength(line) < MAX_REFUSED_BYTES ? line : lineWithin(LIMITS_OF_REFUSED.least);
  }

  return {
    begin: (call, context) => write(begunLine(call, context)),
    beginSoon: (call, context) => writeSoon(begunLine(call, context)),
    end: function writeEnded(call, context) {
      writeSoon(
        isRefusal(call)
          ? refusedLine(call, context)
          : endedLine(headOf(call, context), call, context),
      );
    },
    deny: ({ hadToken, remote, forwardedFor, path, ...oauth }) => {
      const denied = { had_token: hadToken, remote, forwarded_for: forwardedFor, path, ...oauth };
      writeSoon(`${startOf("denied")}${toMembers(denied)}}`);
    },
    approval: (event, redact) =>
      writeSoon(`${startOf("approval")}${toMembers(auditApproval(event, redact))}}`),
    leaveOut: (what, { principal, count }) =>
      writeSoon(`${startOf("left_out")}${toMembers({ what, principal, count })}}`),
  };
}

/** Whether a call was refused before its first line: such calls cost their callers nothing. */
export function isRefusal({ outcome, auditHead }: CallRecord): boolean {
  return outcome === "refused" && auditHead === null;
}

/** Most of the cost of a line; so a call's second line repeats the first one's. */
function headOf(call: CallRecord, context: AuditContext): string {
  return call.auditHead ??= toMembers(auditHead(call, context, LIMITS));
}

function auditApproval(
  { kind, request, by, requestId }: ApprovalEvent,
  redact: Redact,
): AuditApproval {
  const { id, principal, tool, asked } = request;
  const hosts = redactStart(request.hosts, MAX_APPROVAL_HOSTS, redact);
  return { state: kind, id, principal, tool, hosts, asked, by, request_id: requestId };
}

type Members = AuditHead | AuditEnd | AuditDenial | AuditApproval | AuditLeftOut;

function toMembers(members: Members): string {
  return escapeControls(JSON.stringify(members)).slice(1, -1);
}

function auditHead(
  call: CallRecord,
  { redact, declared }: AuditContext,
  limits: ArgumentLimits,
): AuditHead {
  const clean = (name: string) => redactStart(name, limits.name, redact);
  const { client } = call;
  const host = hostOf(call);
  const { written, leftOut } = auditArguments(call.args, {
    tool: call.tool,
    declared,
    redact,
    limits,
  });
  return {
    request_id: call.requestId,
    principal: clean(call.principal),
    client: client && { name: clean(client.name), version: clean(client.version) },
    traceparent: call.traceparent,
    tool: clean(call.tool),
    host: host === null ? null : clean(host),
    ...(call.hosts && { hosts: redactStart(foldNames(call.hosts), MAX_HOSTS, redact) }),
    arguments: written,
    arguments_left_out: leftOut,
  };
}

function auditEnd(call: CallRecord, { redact }: AuditContext): AuditEnd {
  const { deliveries } = call;
  const [only = NO_DELIVERY] = hasOne(call) ? deliveries : [];
  return {
    ...auditDelivery(only, MAX_REASON, redact),
    outcome: call.outcome,
    ended: call.ended,
    ...(call.overLimit && { limit: call.overLimit }),
    answer_bytes: call.answerBytes,
    duration_ms: toMicroseconds(call.durationMs),
    ...(deliveries.length > 0 && !hasOne(call) &&
      { deliveries: auditDeliveries(deliveries, redact) }),
  };
}

/** Whether a call's line says of itself how it was delivered. */
function hasOne({ hosts, deliveries }: CallRecord): boolean {
  return hosts === null && deliveries.length < 2;
}

function auditDeliveries(
  deliveries: readonly Delivery[],
  redact: Redact,
): readonly AuditHostDelivery[] {
  const isFolded = deliveries.length > MOST_DELIVERIES;
  const written = isFolded
    ? foldDeliveries(deliveries)
    : deliveries.map((delivery) => ({ delivery, names: { host: delivery.host } }));
  const maxReason = Math.max(LIMITS.name, Math.floor(MAX_REASON / written.length));
  const maxName = isFolded ? MAX_HOSTS : LIMITS.name;
  return written.map(({ delivery, names }) => ({
    ...Object.fromEntries(
      Object.entries(names).map(([name, value]) => [name, redactStart(value, maxName, redact)]),
    ),
    ...auditDelivery(delivery, maxReason, redact),
  }));
}

type Way = Omit<Delivery, "host">;

/** What a line says of its delivery where there is not exactly one. */
const NO_DELIVERY: Way = {
  via: null,
  outcome: "unknown",
  fallbackReason: null,
  exitCode: null,
  phases: { queue: null, connect: null, run: null },
};

function auditDelivery(delivery: Way, maxReason: number, redact: Redact): AuditDelivery {
  const { via, outcome, fallbackReason, exitCode, isEarlier, phases } = delivery;
  return {
    via,
    outcome,
    fallback_reason: fallbackReason && redactStart(fallbackReason, maxReason, redact),
    exit_code: exitCode,
    ...(isEarlier ? { earlier: isEarlier } : {}),
    queue_ms: phases.queue && toMicroseconds(phases.queue),
    connect_ms: phases.connect && toMicroseconds(phases.connect),
    run_ms: phases.run && toMicroseconds(phases.run),
  };
}

/** Milliseconds with three decimals. */
function toMicroseconds(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}
