import {
  close,
  endlessBody,
  reset,
  silent,
  slow,
  trickle,
  truncated,
} from "../lab/faults/connection.ts";
import { NOT_APPLIED } from "../../lib/fleet/outcome.ts";
import type { Fault } from "../lab/faults/fault.ts";
import {
  badJson,
  busyEventStream,
  byteOrderMark,
  emptyEventStream,
  endlessEventStream,
  eventStream,
  status,
  statusAfterRun,
  wrongContentType,
} from "../lab/faults/http.ts";
import type { RemoteCall } from "../lab/remote_calls.ts";
import {
  anonymousUnknownTool,
  foreignId,
  rpcError,
  toolError,
  unknownTool,
} from "../lab/faults/rpc.ts";

/** What a caller can know of a call over lmcp. */
export type Known = "ran" | "failed" | "did_not_run" | "unknown";

/** A fault, and what is known when it strikes the call, or the handshake before it. */
export interface FaultRow {
  readonly fault: Fault;
  readonly call: Known;
  readonly handshake: "ran" | "did_not_run";
  /** It shows only when a deadline passes. */
  readonly waits?: true;
}

/** What is seen of one call from outside. */
export interface Row {
  readonly outcome: string;
  readonly via: string | null;
  readonly isError: boolean;
  readonly hasFallbackReason: boolean;
  /** How often the tool ran on the backend, and how often over ssh. */
  readonly lmcpRuns: number;
  readonly sshRuns: number;
}

/** The delivery table of the design, fault by fault. */
export const FAULT_TABLE: readonly FaultRow[] = [
  { fault: slow, call: "ran", handshake: "ran" },
  { fault: eventStream, call: "ran", handshake: "ran" },
  { fault: busyEventStream, call: "ran", handshake: "ran" },
  { fault: byteOrderMark, call: "ran", handshake: "ran" },
  { fault: toolError, call: "failed", handshake: "did_not_run" },
  { fault: unknownTool, call: "did_not_run", handshake: "did_not_run" },
  { fault: foreignId, call: "unknown", handshake: "did_not_run" },
  ...NOT_APPLIED.flatMap((code): FaultRow[] => [
    { fault: status(code), call: "did_not_run", handshake: "did_not_run" },
    { fault: status(code, "nothing"), call: "did_not_run", handshake: "did_not_run" },
    { fault: status(code, "a JSON-RPC error"), call: "unknown", handshake: "did_not_run" },
  ]),
  ...NOT_APPLIED.flatMap((code) =>
    ([
      "the result",
      "the result as event stream",
      "a batch",
      "an error without a version",
      "an error in UTF-16",
      "a long error in pieces",
    ] as const).map((form): FaultRow => (
      { fault: statusAfterRun(code, form), call: "unknown", handshake: "did_not_run" }
    ))
  ),
  { fault: anonymousUnknownTool, call: "unknown", handshake: "did_not_run" },
  ...[-32700, -32600, -32601, -32602, -32603, -32000, -32001, 1].map((code): FaultRow => (
    { fault: rpcError(code), call: "unknown", handshake: "did_not_run" }
  )),
  ...[301, 302, 307, 308, 400, 403, 404, 408, 409, 422, 429, 500, 502, 503, 504].map((
    code,
  ): FaultRow => ({ fault: status(code), call: "unknown", handshake: "did_not_run" })),
  { fault: reset, call: "unknown", handshake: "did_not_run" },
  { fault: close, call: "unknown", handshake: "did_not_run" },
  { fault: truncated, call: "unknown", handshake: "did_not_run" },
  { fault: badJson, call: "unknown", handshake: "did_not_run" },
  { fault: wrongContentType, call: "unknown", handshake: "did_not_run" },
  { fault: emptyEventStream, call: "unknown", handshake: "did_not_run" },
  { fault: endlessBody, call: "unknown", handshake: "did_not_run" },
  { fault: endlessEventStream, call: "unknown", handshake: "did_not_run" },
  { fault: silent, call: "unknown", handshake: "did_not_run", waits: true },
  { fault: trickle, call: "unknown", handshake: "did_not_run", waits: true },
];

/** What must come of a call, from what is known of it over lmcp; ssh works. */
export function expectedRow(known: Known, call: RemoteCall): Row {
  switch (known) {
    case "ran":
      return row("ok", "lmcp", { lmcpRuns: 1 });
    case "failed":
      return row("failed", "lmcp", { isError: true, lmcpRuns: 1 });
    case "did_not_run":
      return call.overSsh
        ? row("ok", "ssh", { hasFallbackReason: true, sshRuns: 1 })
        : row("not_delivered", null, { isError: true });
    case "unknown":
      return call.readOnly
        ? row("ok", "ssh", { hasFallbackReason: true, lmcpRuns: 1, sshRuns: 1 })
        : row("unknown", "lmcp", { isError: true, lmcpRuns: 1 });
  }
}

function row(outcome: string, via: string | null, rest: Partial<Row>): Row {
  const nothing = { isError: false, hasFallbackReason: false, lmcpRuns: 0, sshRuns: 0 };
  return { outcome, via, ...nothing, ...rest };
}
