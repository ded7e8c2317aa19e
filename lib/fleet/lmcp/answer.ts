import { Buffer } from "node:buffer";
import { readMessage } from "../../mcp/message.ts";
import { createSseParser } from "../../mcp/sse.ts";
import { failed, type OnNotification, type WireResult } from "../backend/wire.ts";

/** Reads a response's body while it comes. */
export interface AnswerReader {
  /** Takes a piece; gives the result once no more is needed. */
  readonly push: (chunk: Uint8Array) => WireResult | null;
  /** The body has ended. */
  readonly end: () => WireResult;
  /** What counts although the body broke off; null: nothing does. */
  readonly breakOff: () => WireResult | null;
}

const utf8 = new TextDecoder("utf-8", { ignoreBOM: true });

/** The part of a failed response that is shown. */
const SHOWN = 200;

/** A reader for a response of this status and these headers (names in lower case). */
export function createAnswerReader(
  status: number,
  headers: Readonly<Record<string, string | string[] | undefined>>,
  onNotification: OnNotification,
): AnswerReader {
  if (status === 202) return createAcceptedReader();
  if (status !== 200) return createStatusReader(status);
  const id = headers["mcp-session-id"];
  const sessionId = typeof id === "string" ? id : null;
  return String(headers["content-type"] ?? "").startsWith("text/event-stream")
    ? createStreamReader(sessionId, onNotification)
    : createJsonReader(sessionId);
}

function createAcceptedReader(): AnswerReader {
  const accepted: WireResult = { kind: "accepted" };
  return { push: () => null, end: () => accepted, breakOff: () => accepted };
}

/** Reads the first 200 characters, and no more of a body that may be endless, or break off. */
function createStatusReader(status: number): AnswerReader {
  const decoder = new TextDecoder();
  let text = "";
  const result = () => failed({ kind: "status", status, body: text.slice(0, SHOWN) });
  return {
    push: (chunk) => {
      text += decoder.decode(chunk, { stream: true });
      return text.length < SHOWN ? null : result();
    },
    end: result,
    breakOff: result,
  };
}

function createJsonReader(sessionId: string | null): AnswerReader {
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
      return message.kind === "result" || message.kind === "failure"
        ? { kind: "answer", message, sessionId }
        : unreadable(`bad json: ${text.slice(0, SHOWN)}`);
    },
    breakOff: () => null,
  };
}

/** Reads events until the answer comes. Its caller bounds the stream, and so each event. */
function createStreamReader(
  sessionId: string | null,
  onNotification: OnNotification,
): AnswerReader {
  const parse = createSseParser({ maxBytes: Infinity });

  function readEvent(data: string): WireResult | null {
    const message = readMessage(data);
    switch (message.kind) {
      case "result":
      case "failure":
        return { kind: "answer", message, sessionId };
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
      for (const { data } of parse(chunk)) {
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
