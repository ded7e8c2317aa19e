import { type Fields, readFields } from "./fields.ts";
import { isSubjectId } from "./subjects.ts";

/** What a hub asks of an agent; `call` is the hub's own name for one exchange. */
export type Request =
  /** A whole JSON-RPC message. */
  | { readonly op: "call"; readonly call: string; readonly holdMs: number; readonly body: Bytes }
  /** A message of so many bytes will come in pieces. */
  | { readonly op: "open"; readonly call: string; readonly bytes: number }
  /** A piece of it, which begins at that byte; it is served when it is whole. */
  | {
    readonly op: "put";
    readonly call: string;
    readonly at: number;
    readonly holdMs: number;
    readonly body: Bytes;
  }
  /** What has come of it; answered within so many milliseconds. */
  | { readonly op: "wait"; readonly call: string; readonly holdMs: number }
  /** The piece of the answer that begins at that byte. */
  | { readonly op: "get"; readonly call: string; readonly at: number }
  /** A JSON-RPC notification about it. */
  | { readonly op: "notify"; readonly call: string; readonly body: Bytes }
  /** Nobody wants anything more of it. */
  | { readonly op: "drop"; readonly call: string };

/** What an agent says to a request; each has exactly one reply, but for `notify` and `drop`. */
export type Reply =
  /** It has so much of the message, and waits for more. `agent` is where all else is to go. */
  | { readonly state: "ready"; readonly agent: string }
  /** It runs; the body has the notifications since then, one a line. */
  | { readonly state: "running"; readonly agent: string; readonly body: Bytes }
  /**
   * The beginning of the answer, which has so many bytes in all; none: no answer is due. The pieces
   * behind it have `step` bytes each, but for the last one.
   */
  | {
    readonly state: "answer";
    readonly agent: string;
    readonly bytes: number;
    readonly step: number;
    readonly body: Bytes;
  }
  | { readonly state: "piece"; readonly agent: string; readonly body: Bytes }
  /** It was not served, and will not be. */
  | { readonly state: "refused"; readonly agent: string; readonly reason: string }
  /** The agent has no such exchange. */
  | { readonly state: "gone"; readonly agent: string };

/** What a message is made of. */
export type Bytes = Uint8Array;

/** What stands before a body, at most. */
export const MAX_HEAD_BYTES = 1_024;

const NEWLINE = 0x0a;
const NO_BYTES = new Uint8Array(0);
const encoder = new TextEncoder();

/** Some of what requests and replies have. */
interface Anything {
  readonly op?: string;
  readonly state?: string;
  readonly body?: Bytes;
}

/** A request, or a reply, as a message: its fields as one line of JSON, then its body. */
export function writeFrame(frame: Request | Reply): Bytes {
  const { body = NO_BYTES, ...head }: Anything = frame;
  const line = encoder.encode(`${JSON.stringify(head)}\n`);
  const bytes = new Uint8Array(line.length + body.length);
  bytes.set(line);
  bytes.set(body, line.length);
  return bytes;
}

/** The request that a message is; null: none. Its body is a view of the message. */
export function readRequest(message: Bytes): Request | null {
  const frame = readFrame(message);
  if (frame === null) return null;
  const { head, body } = frame;
  const { op, call, at, bytes, holdMs } = head;
  if (typeof call !== "string" || !isSubjectId(call)) return null;
  switch (op) {
    case "call":
      return isCount(holdMs) ? { op, call, holdMs, body } : null;
    case "open":
      return isCount(bytes) ? { op, call, bytes } : null;
    case "put":
      return isCount(at) && isCount(holdMs) ? { op, call, at, holdMs, body } : null;
    case "wait":
      return isCount(holdMs) ? { op, call, holdMs } : null;
    case "get":
      return isCount(at) ? { op, call, at } : null;
    case "notify":
      return { op, call, body };
    case "drop":
      return { op, call };
    default:
      return null;
  }
}

/** The reply that a message is; null: none. Its body is a view of the message. */
export function readReply(message: Bytes): Reply | null {
  const frame = readFrame(message);
  if (frame === null) return null;
  const { head, body } = frame;
  const { state, agent, bytes, step, reason } = head;
  if (typeof agent !== "string" || !isSubjectId(agent)) return null;
  switch (state) {
    case "running":
    case "piece":
      return { state, agent, body };
    case "ready":
    case "gone":
      return { state, agent };
    case "answer":
      return isCount(bytes) && isCount(step) ? { state, agent, bytes, step, body } : null;
    case "refused":
      return typeof reason === "string" ? { state, agent, reason } : null;
    default:
      return null;
  }
}

function readFrame(message: Bytes): { readonly head: Fields; readonly body: Bytes } | null {
  const end = message.subarray(0, MAX_HEAD_BYTES).indexOf(NEWLINE);
  const head = end < 0 ? null : readFields(message.subarray(0, end));
  return head === null ? null : { head, body: message.subarray(end + 1) };
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && typeof value === "number" && value >= 0;
}

/** Bytes of a message's body, so that the whole fits into what the server accepts. */
export function pieceBytes(maxPayload: number): number {
  return Math.max(1_024, Math.min(LARGE_PIECE, maxPayload - MAX_HEAD_BYTES));
}

/** The broker drops a connection that has 64 MiB to read: many calls are under way at once. */
const LARGE_PIECE = 128 * 1024;
/** Nobody has asked for it: thousands of agents may send one at once. */
export const FIRST_PIECE = 32 * 1024;
