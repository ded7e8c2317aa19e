import type { JsonObject } from "../../mcp/message.ts";
import type { Health } from "../health.ts";
import type { Host } from "../host.ts";
import { createHostLimits, type HostLimits } from "../limits.ts";
import type { Lmcp, LmcpRequest, LmcpResult } from "./client.ts";
import { type CallOptions, type Operation, payloadMs } from "../operation.ts";
import { describeFailure, type Knowledge, knowledgeOf } from "../outcome.ts";

/** Calls to one backend at once, how many more may wait, and how long. */
export const LMCP_LIMITS = { running: 16, waiting: 128, waitMs: 30_000 } as const;

/** A backend's result, as it came. */
export type BackendResult = JsonObject;

/** What came of trying lmcp. */
export type Attempt =
  | { readonly kind: "answered"; readonly result: BackendResult }
  /** The host has no URL, or its port is known to swallow connections. */
  | { readonly kind: "skipped"; readonly reason: string }
  | { readonly kind: "failed"; readonly reason: string; readonly knowledge: Knowledge }
  /** The hub itself did not let the call through, or nobody waits for it any more. */
  | { readonly kind: "stopped"; readonly reason: string; readonly knowledge: Knowledge };

/** Tries a call over lmcp, once. */
export type TryLmcp = (host: Host, operation: Operation, call: CallOptions) => Promise<Attempt>;

/** What `createTryLmcp()` needs. */
export interface TryLmcpOptions {
  readonly lmcp: Lmcp;
  readonly health: Health;
  /** Looks at a host in the background. */
  readonly probe: (host: Host) => void;
  /** Default: `LMCP_LIMITS`. */
  readonly limits?: HostLimits;
}

/** Makes a `TryLmcp` that keeps to the limits for each host, and learns from what it sees. */
export function createTryLmcp(options: TryLmcpOptions): TryLmcp {
  const { lmcp, health, probe, limits = createHostLimits(LMCP_LIMITS) } = options;

  function learn(host: Host, result: LmcpResult): Attempt {
    if (result.kind === "answer") {
      health.recordUp(host, "lmcp");
      return { kind: "answered", result: result.result };
    }
    const { failure, sent } = result;
    if (failure.kind === "connect") health.recordPort(host, failure.timedOut);
    const knowledge = sent ? knowledgeOf(failure) : "did_not_run";
    const kind = failure.kind === "cancelled" ? "stopped" : "failed";
    return { kind, reason: describeFailure(failure), knowledge };
  }

  return async (host, operation, call) => {
    if (host.lmcpUrl === null) return { kind: "skipped", reason: "no url configured" };
    const timedOutForMs = health.portTimedOutFor(host);
    if (timedOutForMs !== null) {
      probe(host);
      const seconds = Math.round(timedOutForMs / 1000);
      return { kind: "skipped", reason: `connect: timeout ${seconds} s ago, not tried again yet` };
    }
    call.phases?.enter("queue");
    const place = await limits.of(host.name).acquire(call.signal);
    if (place === "cancelled") return stopped("cancelled");
    if (typeof place === "string") {
      return stopped(
        `busy: ${LMCP_LIMITS.running} calls to this host are running, try again later`,
      );
    }
    call.phases?.enter("connect");
    // `using` would do what `finally` does here, but V8 does not optimise it: every call comes by.
    try {
      return learn(host, await lmcp.send(host, toRequest(host, operation, call)));
    } finally {
      place[Symbol.dispose]();
    }
  };
}

function toRequest(host: Host, operation: Operation, call: CallOptions): LmcpRequest {
  const { connectMs, lmcpMs } = host.timeouts;
  return {
    method: "tools/call",
    params: { name: operation.tool, arguments: operation.args },
    deadlineMs: connectMs + lmcpMs + (operation.runMs ?? 0) + payloadMs(operation),
    maxBytes: operation.maxAnswerBytes,
    ...call,
    onSent: () => call.phases?.enter("run"),
  };
}

function stopped(reason: string): Attempt {
  return { kind: "stopped", reason, knowledge: "did_not_run" };
}
