import type { FinishedCall } from "../../lib/calls/finished.ts";

/** A call that went well, but for what a test cares about. */
export function finishedCall(parts: Partial<FinishedCall> = {}): FinishedCall {
  return {
    requestId: "call-1",
    principal: "ann",
    client: { name: "editor", version: "1.2" },
    traceparent: null,
    tool: "remote_shell",
    host: "tesla",
    args: { host: "tesla", command: "uptime" },
    via: "lmcp",
    outcome: "ok",
    fallbackReason: null,
    exitCode: 0,
    ended: null,
    answer: "{}",
    durationMs: 12.3456789,
    phases: { queue: 0, connect: 1.5, run: 10.84 },
    ...parts,
  };
}
