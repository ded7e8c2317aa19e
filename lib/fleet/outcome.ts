import { INVALID_PARAMS, INVALID_REQUEST, METHOD_NOT_FOUND, PARSE_ERROR } from "../mcp/message.ts";
import type { Attempt, Work } from "./transport.ts";

/** What callers learn of a call, besides its answer. */
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
export type WireFailure =
  /** It was not reached: refused, no route, name not found, timed out, TLS failed. */
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

/** JSON-RPC errors that a server gives instead of running anything. */
const REFUSALS: readonly number[] = [
  PARSE_ERROR,
  INVALID_REQUEST,
  METHOD_NOT_FOUND,
  INVALID_PARAMS,
];

/** The delivery table: whether a call that failed like this may have run. What is not certain may. */
export function mayHaveRun(failure: WireFailure): boolean {
  switch (failure.kind) {
    case "connect":
      return false;
    case "status":
      return failure.status < 300 || failure.status >= 500;
    case "rpc":
      return !REFUSALS.includes(failure.code);
    case "cancelled":
    case "timeout":
    case "lost":
    case "unreadable":
      return true;
  }
}

/** What follows an attempt: its answer, the host's next transport, or the end without an answer. */
export type NextStep = "answer" | "next_transport" | "end";

/** Decides it: work is done again only if it certainly did not run, or if it only reads. */
export function nextStep(attempt: Attempt, { readOnly }: Pick<Work, "readOnly">): NextStep {
  switch (attempt.kind) {
    case "ran":
      return "answer";
    case "not_run":
      return "next_transport";
    case "unknown":
      return readOnly ? "next_transport" : "end";
    case "stopped":
      return "end";
  }
}

/** The failure in the words of the Lua hub, to stand behind `lmcp: `. */
export function describeFailure(failure: WireFailure): string {
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
