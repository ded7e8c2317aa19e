import { Buffer } from "node:buffer";
import { type AuditArgument, auditArguments } from "./arguments.ts";
import type { CallOutcome, FinishedCall } from "../calls/finished.ts";
import { type Redact, redactStart } from "../base/redact.ts";

/** Characters of a name that somebody else chose. */
const MAX_NAME = 128;
/** Characters of a reason: what a backend or ssh said is part of it. */
const MAX_REASON = 4_096;

/** One line of the audit trail. Times in milliseconds; null: that phase was not reached. */
export interface AuditRecord {
  /** When the call ended: RFC 3339, UTC. */
  readonly time: string;
  /** Tells this line from the log's, where both go to the same place. */
  readonly event: "call";
  readonly request_id: string;
  readonly principal: string;
  /** What the client says of itself; null: nothing. */
  readonly client: { readonly name: string; readonly version: string } | null;
  readonly traceparent: string | null;
  readonly tool: string;
  readonly host: string | null;
  readonly arguments: Readonly<Record<string, AuditArgument>>;
  readonly via: "lmcp" | "ssh" | null;
  readonly outcome: CallOutcome;
  readonly fallback_reason: string | null;
  readonly exit_code: number | null;
  /** Why nobody waited for the answer any more; null: it was given. */
  readonly ended: string | null;
  /** Size of the answer on the wire. */
  readonly answer_bytes: number;
  readonly queue_ms: number | null;
  readonly connect_ms: number | null;
  readonly run_ms: number | null;
  readonly duration_ms: number;
}

/** What `createAudit()` needs. */
export interface AuditOptions {
  /** Takes a line without line break. */
  readonly write: (line: string) => void;
  readonly now: () => Date;
}

/** Writes one line of JSON for a call; `redact` hides the secrets that are known by then. */
export type Audit = (call: FinishedCall, redact: Redact) => void;

/** Makes an `Audit`. */
export function createAudit({ write, now }: AuditOptions): Audit {
  return (call, redact) => write(JSON.stringify(auditRecord(call, redact, now())));
}

function auditRecord(call: FinishedCall, redact: Redact, time: Date): AuditRecord {
  const tell = (name: string) => redactStart(name, MAX_NAME, redact);
  const { client, host, fallbackReason, phases } = call;
  return {
    time: time.toISOString(),
    event: "call",
    request_id: call.requestId,
    principal: call.principal,
    client: client && { name: tell(client.name), version: tell(client.version) },
    traceparent: call.traceparent,
    tool: tell(call.tool),
    host: host === null ? null : tell(host),
    arguments: auditArguments(call.args, redact),
    via: call.via,
    outcome: call.outcome,
    fallback_reason: fallbackReason && redactStart(fallbackReason, MAX_REASON, redact),
    exit_code: call.exitCode,
    ended: call.ended,
    answer_bytes: call.answer === null ? 0 : Buffer.byteLength(call.answer),
    queue_ms: phases.queue && toMicroseconds(phases.queue),
    connect_ms: phases.connect && toMicroseconds(phases.connect),
    run_ms: phases.run && toMicroseconds(phases.run),
    duration_ms: toMicroseconds(call.durationMs),
  };
}

/** Milliseconds with three decimals: more tell nothing. */
function toMicroseconds(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}
