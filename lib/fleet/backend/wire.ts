import type { Lease } from "../../calls/budget.ts";
import type { JsonObject, RequestId } from "../../mcp/message.ts";
import type { WireFailure } from "../outcome.ts";

/** How long a message may take, how much may come back, and who waits for it. */
export interface WireBounds {
  /** From now to the last byte of the answer; grows by a second for each MiB that comes. */
  readonly deadlineMs: number;
  /** Longest answer that is read, in bytes. */
  readonly maxBytes: number;
  readonly signal: AbortSignal;
  /** Over a connection of its own: those that are kept may be dead. Default: over one that is kept. */
  readonly isFresh?: boolean;
  /** Where room for the answer is taken before it is kept. Absent: there is enough. */
  readonly room?: Pick<Lease, "take" | "wait" | "most"> | undefined;
  /** Called when there is a connection, and the message goes out. */
  readonly onSent?: () => void;
}

/** Called with a notification that came before the answer. */
export type OnNotification = (
  method: string,
  params: Readonly<Record<string, unknown>>,
) => void;

/** One JSON-RPC message to a backend. */
export interface WireMessage {
  /** The request's id, which its answer carries; null: a notification. */
  readonly id: RequestId | null;
  /** Beside those that the wire itself needs; names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** The message, serialised. */
  readonly body: string;
  readonly bounds: WireBounds;
  readonly onNotification: OnNotification;
}

/** What came of a message: the result of a request (`{}` for a notification), or why there is none. */
export type WireResult =
  | {
    readonly kind: "answer";
    readonly result: JsonObject;
    /** The header `Mcp-Session-Id` of the answer; null: none. */
    readonly sessionId: string | null;
  }
  | { readonly kind: "failed"; readonly failure: WireFailure };

/** What leads to one backend. */
export interface Wire {
  /** Sends one message, once, and reads what comes back. Never rejects. */
  readonly send: (message: WireMessage) => Promise<WireResult>;
  /** Sends a message whose answer nobody waits for; the wire is open until it has left. */
  readonly sendDetached: (message: WireMessage) => void;
  /** How many connections to the backend have been closed so far. */
  readonly disconnects: () => number;
}

/** A result that says why there is no answer. */
export function failed(failure: WireFailure): WireResult & { kind: "failed" } {
  return { kind: "failed", failure };
}
