import type { CallRecord, Delivery } from "../../lib/calls/record.ts";

/** A delivery that went well, but for what a test cares about. */
export function delivery(parts: Partial<Delivery> = {}): Delivery {
  return {
    host: "tesla",
    via: "lmcp",
    outcome: "ok",
    fallbackReason: null,
    exitCode: 0,
    phases: { queue: 0, connect: 1.5, run: 10.84 },
    ...parts,
  };
}

/** A call that went well, but for what a test cares about. */
export function callRecord(parts: Partial<CallRecord> = {}): CallRecord {
  return {
    requestId: "call-1",
    principal: "ann",
    client: { name: "editor", version: "1.2" },
    traceparent: null,
    tool: "remote_shell",
    args: { host: "tesla", command: "uptime" },
    hosts: null,
    deliveries: [delivery()],
    outcome: "ok",
    ended: null,
    answerBytes: 2,
    durationMs: 12.3456789,
    auditHead: null,
    ...parts,
  };
}
