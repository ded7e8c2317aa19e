import { INVALID_PARAMS, INVALID_REQUEST, METHOD_NOT_FOUND, PARSE_ERROR } from "../mcp/message.ts";

/** What callers are told of a call, besides its answer. */
export type Outcome =
  /** It ran, with whatever exit code. */
  | "ok"
  /** It ran, and the tool says that it failed. */
  | "failed"
  /** It certainly did not run. */
  | "not_delivered"
  /** It may have run. */
  | "unknown";

/** Why a backend gave no usable answer. */
export type LmcpFailure =
  /** The port was not reached: refused, no route, name not found, timed out, TLS failed. */
  | { readonly kind: "connect"; readonly message: string; readonly timedOut: boolean }
  | { readonly kind: "cancelled" }
  /** No answer in time. */
  | { readonly kind: "timeout" }
  /** The connection broke after the request had been sent, or may have been. */
  | { readonly kind: "lost"; readonly message: string }
  /** An HTTP status other than 200; `body` is its first 200 characters. */
  | { readonly kind: "status"; readonly status: number; readonly body: string }
  /** What came is no JSON-RPC answer; `message` says so in a few words. */
  | { readonly kind: "unreadable"; readonly message: string }
  | { readonly kind: "rpc"; readonly code: number; readonly message: string };

/** What is certain about a call that got no answer. */
export type Knowledge = "did_not_run" | "unknown";

/** JSON-RPC errors that a server gives instead of running anything. */
const REFUSALS: readonly number[] = [
  PARSE_ERROR,
  INVALID_REQUEST,
  METHOD_NOT_FOUND,
  INVALID_PARAMS,
];

/**
 * The delivery table: from what happened to what is known. What is not certain is unknown; a call
 * may be repeated over ssh only if it did not run, or if it only reads.
 */
export function knowledgeOf(failure: LmcpFailure): Knowledge {
  switch (failure.kind) {
    case "connect":
      return "did_not_run";
    case "status":
      return failure.status >= 300 && failure.status < 500 ? "did_not_run" : "unknown";
    case "rpc":
      return REFUSALS.includes(failure.code) ? "did_not_run" : "unknown";
    case "cancelled":
    case "timeout":
    case "lost":
    case "unreadable":
      return "unknown";
  }
}

/** The failure in the words of the Lua hub, to stand behind `lmcp: `. */
export function describeFailure(failure: LmcpFailure): string {
  switch (failure.kind) {
    case "connect":
      return `connect: ${failure.message}`;
    case "cancelled":
      return "cancelled";
    case "timeout":
      return "timeout";
    case "lost":
      return `connection lost: ${failure.message}`;
    case "status":
      return `http ${failure.status}: ${failure.body}`;
    case "unreadable":
      return failure.message;
    case "rpc":
      return `rpc: ${failure.message}`;
  }
}
