import { type AuditArguments, auditArguments, LIMITS } from "./arguments.ts";
import { type CallOutcome, type CallRecord, type Delivery, hostOf } from "../calls/record.ts";
import { escapeControls } from "../base/controls.ts";
import { type Redact, redactStart } from "../base/redact.ts";

/** Characters of the reasons of a call: what a backend or ssh said is part of them. */
const MAX_REASON = 4_096;

/** A call on its way to one host. Times in milliseconds; null: that phase was not reached. */
interface AuditDelivery {
  readonly via: Delivery["via"];
  readonly outcome: CallOutcome;
  readonly fallback_reason: string | null;
  readonly exit_code: number | null;
  readonly queue_ms: number | null;
  readonly connect_ms: number | null;
  readonly run_ms: number | null;
}

/**
 * One line of the audit trail. A call to several hosts has `deliveries`; what differs between them
 * is null in the line itself, and its `outcome` is that of the call as a whole.
 */
export interface AuditRecord extends AuditDelivery {
  /** When the call ended: RFC 3339, UTC. */
  readonly time: string;
  /** Distinguishes this line from the log's, where both go to the same place. */
  readonly event: "call";
  readonly request_id: string;
  readonly principal: string;
  /** What the client says of itself; null: nothing. */
  readonly client: { readonly name: string; readonly version: string } | null;
  readonly traceparent: string | null;
  readonly tool: string;
  readonly host: string | null;
  readonly arguments: AuditArguments["written"];
  readonly arguments_left_out: AuditArguments["leftOut"];
  /** Why nobody waited for the answer any more; null: it was sent. */
  readonly ended: string | null;
  /** Size of the answer on the wire. */
  readonly answer_bytes: number;
  readonly duration_ms: number;
  /** Absent: there is one, which the line itself describes, or none. */
  readonly deliveries?: readonly (AuditDelivery & { readonly host: string })[];
}

/** What `createAudit()` needs. */
export interface AuditOptions {
  /** Takes a line without line break. */
  readonly write: (line: string) => void;
  readonly now: () => Date;
}

/** What is known beside a call when it is written. */
export interface AuditContext {
  /** Hides the secrets that are known by then. */
  readonly redact: Redact;
  /** Names of the arguments that the call's tool declares. */
  readonly declared: readonly string[];
}

/** Writes one line of JSON for a call. */
export type Audit = (call: CallRecord, context: AuditContext) => void;

/** Makes an `Audit`. */
export function createAudit({ write, now }: AuditOptions): Audit {
  return function writeCall(call, context) {
    write(escapeControls(JSON.stringify(auditRecord(call, context, now()))));
  };
}

function auditRecord(
  call: CallRecord,
  { redact, declared }: AuditContext,
  time: Date,
): AuditRecord {
  const clean = (name: string) => redactStart(name, LIMITS.name, redact);
  const { client, deliveries } = call;
  const host = hostOf(call);
  const [only = NO_DELIVERY] = deliveries.length > 1 ? [] : deliveries;
  const { written, leftOut } = auditArguments(call.args, { declared, redact, limits: LIMITS });
  const maxReason = Math.max(LIMITS.name, Math.floor(MAX_REASON / deliveries.length));
  return {
    time: time.toISOString(),
    event: "call",
    request_id: call.requestId,
    principal: call.principal,
    client: client && { name: clean(client.name), version: clean(client.version) },
    traceparent: call.traceparent,
    tool: clean(call.tool),
    host: host === null ? null : clean(host),
    arguments: written,
    arguments_left_out: leftOut,
    ...auditDelivery(only, MAX_REASON, redact),
    outcome: call.outcome,
    ended: call.ended,
    answer_bytes: call.answerBytes,
    duration_ms: toMicroseconds(call.durationMs),
    ...(deliveries.length > 1 && {
      deliveries: deliveries.map((delivery) => ({
        host: clean(delivery.host),
        ...auditDelivery(delivery, maxReason, redact),
      })),
    }),
  };
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
  const { via, outcome, fallbackReason, exitCode, phases } = delivery;
  return {
    via,
    outcome,
    fallback_reason: fallbackReason && redactStart(fallbackReason, maxReason, redact),
    exit_code: exitCode,
    queue_ms: phases.queue && toMicroseconds(phases.queue),
    connect_ms: phases.connect && toMicroseconds(phases.connect),
    run_ms: phases.run && toMicroseconds(phases.run),
  };
}

/** Milliseconds with three decimals. */
function toMicroseconds(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}
