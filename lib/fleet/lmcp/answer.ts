import { Buffer } from "node:buffer";
import {
  type JsonRpcFailure,
  type JsonRpcResult,
  readMessage,
  type RequestId,
} from "../../mcp/message.ts";
import { createSseParser } from "../../mcp/sse_parser.ts";
import { failed, type OnNotification, type WireResult } from "../backend/wire.ts";

/** Reads a response's body while it comes. */
export interface AnswerReader {
  /** Takes a piece; returns the result once no more is needed. */
  readonly push: (chunk: Uint8Array) => WireResult | null;
  /** The body has ended. */
  readonly end: () => WireResult;
  /** What counts although the body broke off; null: nothing does. */
  readonly breakOff: () => WireResult | null;
}

/** The head of a response; names of headers in lower case. */
export interface ResponseHead {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

/** A byte order mark is no part of a JSON text, though some servers send one. */
const utf8 = new TextDecoder("utf-8");

/** The part of a failed response that is shown. */
const SHOWN = 200;
/** The part that is read, to see who sent it. */
const MAX_STATUS_BODY = 4_096;

/** A reader for the response to the request of an id; null: to a notification. */
export function createAnswerReader(
  head: ResponseHead,
  id: RequestId | null,
  onNotification: OnNotification,
): AnswerReader {
  const { status, headers } = head;
  if (status === 202 && id === null) return createAcceptedReader();
  if (status !== 200) return createStatusReader(head);
  const session = headers["mcp-session-id"];
  const sessionId = typeof session === "string" ? session : null;
  const type = String(headers["content-type"] ?? "").trim().toLowerCase();
  return type.startsWith("text/event-stream")
    ? createStreamReader(id, sessionId, onNotification)
    : createJsonReader(id, sessionId);
}

function createAcceptedReader(): AnswerReader {
  const accepted: WireResult = { kind: "answer", result: {}, sessionId: null };
  return { push: () => null, end: () => accepted, breakOff: () => accepted };
}

/** Reads the beginning, and no more of a body that may be endless, or break off. */
function createStatusReader({ status, headers }: ResponseHead): AnswerReader {
  const decoder = new TextDecoder();
  const elsewhere = describeLocation(headers.location);
  let text = "";
  const result = (isWhole: boolean) => {
    const body = [elsewhere, text.slice(0, SHOWN)].filter((part) => part !== "").join(": ");
    return failed({ kind: "status", status, body, saysRpcError: looksLikeRpc(text, isWhole) });
  };
  return {
    push: (chunk) => {
      text += decoder.decode(chunk, { stream: true });
      return text.length < MAX_STATUS_BODY ? null : result(false);
    },
    end: () => result(true),
    breakOff: () => result(false),
  };
}

/** Where a redirection leads, for the operator to correct the URL; without what may be secret. */
function describeLocation(location: string | string[] | undefined): string {
  const url = typeof location === "string" ? URL.parse(location, "http://relative.invalid") : null;
  if (url === null) return "";
  const origin = url.hostname === "relative.invalid" ? "" : url.origin;
  return `moved to ${origin}${url.pathname}`;
}

/**
 * Whether a program that speaks JSON-RPC may have written a body: an error, or even a result, plain,
 * in a batch or in an event stream. One that was cut off is judged by its beginning.
 */
function looksLikeRpc(text: string, isWhole: boolean): boolean {
  const body = text.replace(/^\uFEFF/, "");
  if (body.includes('"jsonrpc"') || readMessage(body).kind === "failure") return true;
  return !isWhole && /^\s*([[{:]|$|(data|event|id|retry)\b)/.test(body);
}

function createJsonReader(id: RequestId | null, sessionId: string | null): AnswerReader {
  const chunks: Uint8Array[] = [];
  return {
    push: (chunk) => {
      chunks.push(chunk);
      return null;
    },
    end: () => {
      // Most answers come in one piece, of which no copy is needed.
      const text = utf8.decode(chunks.length === 1 ? chunks[0] : Buffer.concat(chunks));
      const message = readMessage(text);
      if (message.kind !== "result" && message.kind !== "failure") {
        return unreadable(`bad json: ${text.slice(0, SHOWN)}`);
      }
      return isAnswerTo(id, message.id)
        ? toWireResult(message, sessionId)
        : unreadable("the answer has the id of another request");
    },
    breakOff: () => null,
  };
}

function toWireResult(
  message: JsonRpcResult | JsonRpcFailure,
  sessionId: string | null,
): WireResult {
  if (message.kind === "result") return { kind: "answer", result: message.result, sessionId };
  const { code, message: said } = message.error;
  const isAnonymous = message.id === null;
  return failed({ kind: "rpc", code, message: said, ...(isAnonymous ? { isAnonymous } : {}) });
}

/** A server that could not read a request's id answers with none. */
function isAnswerTo(asked: RequestId | null, answered: RequestId | null): boolean {
  return answered === null || answered === asked;
}

/** Reads events until the answer comes. Its caller bounds the stream, and so each event. */
function createStreamReader(
  id: RequestId | null,
  sessionId: string | null,
  onNotification: OnNotification,
): AnswerReader {
  const parse = createSseParser({ maxBytes: Infinity });

  function readEvent(data: string): WireResult | null {
    const message = readMessage(data);
    switch (message.kind) {
      case "result":
      case "failure":
        return isAnswerTo(id, message.id) ? toWireResult(message, sessionId) : null;
      case "notification":
        onNotification(message.method, message.params);
        return null;
      case "request":
        return null;
      case "invalid":
        return unreadable(`bad json: ${data.slice(0, SHOWN)}`);
    }
  }

  return {
    push: (chunk) => {
      for (const { event, data } of parse(chunk)) {
        // Servers that can resume a stream begin it with an event without data.
        if (event !== "message" || data.trim() === "") continue;
        const result = readEvent(data);
        if (result !== null) return result;
      }
      return null;
    },
    end: () => unreadable("event stream ended without an answer"),
    breakOff: () => null,
  };
}

function unreadable(message: string): WireResult {
  return failed({ kind: "unreadable", message });
}
