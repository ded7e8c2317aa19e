import { foreignText } from "../base/text/foreign_text.ts";
import { INVALID_PARAMS, METHOD_NOT_FOUND } from "../mcp/message.ts";
import type { Attempt } from "./transport.ts";

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
  | {
    readonly kind: "status";
    readonly status: number;
    readonly body: string;
    /** Whether the body may be a JSON-RPC message: then a program behind the HTTP server sent it. */
    readonly saysRpcError: boolean;
  }
  /** What came is no JSON-RPC answer; `message` says so in a few words. */
  | { readonly kind: "unreadable"; readonly message: string }
  | {
    readonly kind: "rpc";
    readonly code: number;
    readonly message: string;
    /** It names no request: perhaps it is not about ours. */
    readonly isAnonymous?: true;
  }
  /** The request never left: the handshake before it failed like this. */
  | { readonly kind: "handshake"; readonly failure: WireFailure };

/** The failure itself; of a handshake, why that failed. */
export function causeOf(failure: WireFailure): WireFailure {
  return failure.kind === "handshake" ? failure.failure : failure;
}

/**
 * HTTP statuses by which a server says that it did not apply the request (RFC 9110, sections 15.5 and
 * 7.6; RFC 6585, section 5).
 */
export const NOT_APPLIED: readonly number[] = [401, 405, 411, 413, 414, 415, 421, 426, 431];

/**
 * The delivery table: whether a call to `tool` that failed like this may have run. What is not
 * certain may: with the usual libraries a tool can fail with any JSON-RPC error half way, and a
 * proxy can answer anything at any time.
 */
export function mayHaveRun(failure: WireFailure, tool: string): boolean {
  switch (failure.kind) {
    case "connect":
    case "handshake":
      return false;
    case "status":
      return failure.saysRpcError || !NOT_APPLIED.includes(failure.status);
    case "rpc":
      return failure.isAnonymous === true || !saysUnknownTool(failure, tool);
    case "cancelled":
    case "timeout":
    case "lost":
    case "unreadable":
      return true;
  }
}

/** Characters of an error that are examined: longer ones say more than that there is no such tool. */
const MAX_MESSAGE = 500;

/** Whether a JSON-RPC error says, in the words of the usual libraries, that there is no such tool. */
function saysUnknownTool(
  { code, message }: { readonly code: number; readonly message: string },
  tool: string,
): boolean {
  if (code !== METHOD_NOT_FOUND && code !== INVALID_PARAMS) return false;
  const name = `["'\`]?${RegExp.escape(tool)}["'\`]?`;
  const forms = [
    `(unknown tool|tool not found|no such tool)(:? ?${name})?(: tools/list names those there are)?`,
    `tool:? ${name} (was |is |does )?(not found|unknown|not exist)`,
  ];
  const text = message.slice(0, MAX_MESSAGE).replace(/^MCP error -?\d+: /, "").trim();
  return forms.some((form) => new RegExp(`^(${form})\\.?$`, "is").test(text));
}

/** What follows an attempt. */
export type NextStep =
  | "answer"
  /** The host is asked what became of it. */
  | "settle"
  /** It is done without a claim, over the same transport. */
  | "without_claim"
  | "next_transport"
  /** There is no answer. */
  | "end";

/** A call, as far as the next step depends on it. */
export interface StepOptions {
  readonly readOnly: boolean;
  /** Whether it must find its earlier run. */
  readonly hasKey?: boolean;
}

/** Decides it: work is done again only if it certainly did not run, or if it only reads. */
export function nextStep(attempt: Attempt, { readOnly, hasKey = false }: StepOptions): NextStep {
  switch (attempt.kind) {
    case "ran":
      return "answer";
    case "not_run":
      return "next_transport";
    case "unknown":
      if (readOnly) return "next_transport";
      return attempt.claim ? "settle" : "end";
    case "taken":
      return "settle";
    case "unclaimable":
      return hasKey ? "next_transport" : "without_claim";
    case "stopped":
      return "end";
  }
}

/** Characters of why an answer cannot be read: `bad json: ` and 200 of the answer. */
const MAX_UNREADABLE = 210;

/** The failure in the words of the Lua hub, to follow `lmcp: `; the backend's own are made harmless. */
export function describeFailure(failure: WireFailure): string {
  switch (failure.kind) {
    case "connect":
      return `connect: ${foreignText(failure.message)}`;
    case "cancelled":
      return "cancelled";
    case "timeout":
      return "timeout";
    case "lost":
      return `connection lost: ${foreignText(failure.message)}`;
    case "status":
      return `http ${failure.status}: ${foreignText(failure.body)}`;
    case "unreadable":
      return foreignText(failure.message, MAX_UNREADABLE);
    case "rpc":
      return `rpc: ${foreignText(failure.message)}`;
    case "handshake":
      return describeFailure(failure.failure);
  }
}
