import { type Message, readLongMessage, readMessage } from "../../mcp/message.ts";
import { type SseEvent, SseParser } from "../../mcp/framing/sse_parser.ts";
import {
  type Answering,
  JsonReader,
  LONG_BYTES,
  type ReaderOptions,
  SHOWN,
  startOf,
  toWireResult,
  unreadable,
} from "../backend/json_reader.ts";
import { failed, type WireResult } from "../backend/wire.ts";

/** Reads a response's body while it comes. What it throws, or rejects with, is about an event stream. */
export interface AnswerReader extends Disposable {
  /** Takes a piece; returns the result once no more is needed. */
  readonly push: (chunk: Uint8Array) => Answering<WireResult | null>;
  /** The body has ended. */
  readonly end: () => Answering<WireResult>;
  /** What counts although the body broke off; null: nothing does. */
  readonly breakOff: () => Answering<WireResult | null>;
}

/** The head of a response; names of headers in lower case. */
export interface ResponseHead {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

const strictUtf8 = new TextDecoder("utf-8", { ignoreBOM: true, fatal: true });

/** The part that is read, to see who sent it. */
const MAX_STATUS_BODY = 4_096;

const nothing = () => {};

/** A reader for the response to a request, or to a notification. */
export function createAnswerReader(head: ResponseHead, options: ReaderOptions): AnswerReader {
  const { status, headers } = head;
  if (status === 202 && options.id === null) return createAcceptedReader();
  if (status !== 200) return createStatusReader(head);
  const session = headers["mcp-session-id"];
  const sessionId = typeof session === "string" ? session : null;
  const type = String(headers["content-type"] ?? "").trim().toLowerCase();
  return type.startsWith("text/event-stream")
    ? new StreamReader(sessionId, options)
    : new JsonReader(sessionId, options);
}

function createAcceptedReader(): AnswerReader {
  const accepted: WireResult = { kind: "answer", result: {}, sessionId: null };
  const end = () => accepted;
  return { push: () => null, end, breakOff: end, [Symbol.dispose]: nothing };
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
    [Symbol.dispose]: nothing,
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
  // Every JSON text that is UTF-16 holds a NUL, and none that is UTF-8 does.
  if (/"jsonrpc"|\0/.test(body) || readMessage(body).kind === "failure") return true;
  if (/"id"\s*:/.test(body) && /"(error|result)"\s*:/.test(body)) return true;
  return !isWhole && /^\s*([[{:]|$|(data|event|id|retry)\b)/.test(body);
}

/** Reads events until the answer comes. */
class StreamReader implements AnswerReader {
  readonly #sessionId: string | null;
  readonly #options: ReaderOptions;
  readonly #parser: SseParser;
  /** What is read in steps; null: nothing. Chunks that come meanwhile wait for it. */
  #reading: Promise<WireResult | null> | null = null;
  /** An error that names no request: the answer may still come. */
  #anonymous: WireResult | null = null;
  #isOver = false;

  constructor(sessionId: string | null, options: ReaderOptions) {
    this.#sessionId = sessionId;
    this.#options = options;
    this.#parser = new SseParser(options);
  }

  push(chunk: Uint8Array): Answering<WireResult | null> {
    const result = this.#reading === null
      ? this.#readEvents(this.#parser.push(chunk))
      : this.#reading.then((before) => before ?? this.#readNext(chunk));
    if (result instanceof Promise) this.#reading = result;
    return result;
  }

  end(): Answering<WireResult> {
    const instead = () => this.#anonymous ?? unreadable("event stream ended without an answer");
    return this.#reading?.then((result) => result ?? instead()) ?? instead();
  }

  breakOff(): Answering<WireResult | null> {
    return this.#reading?.then((result) => result ?? this.#anonymous) ?? this.#anonymous;
  }

  [Symbol.dispose](): void {
    this.#isOver = true;
    this.#parser[Symbol.dispose]();
  }

  #readNext(chunk: Uint8Array): Answering<WireResult | null> {
    return this.#isOver ? null : this.#readEvents(this.#parser.push(chunk));
  }

  #readEvents(events: Iterator<SseEvent>): Answering<WireResult | null> {
    for (let next = events.next(); !next.done; next = events.next()) {
      const result = this.#readEvent(next.value);
      if (result instanceof Promise) {
        return result.then((found) => found ?? this.#readEvents(events));
      }
      if (result !== null) return result;
    }
    return null;
  }

  #readEvent({ event, data }: SseEvent): Answering<WireResult | null> {
    if (event !== "message") return null;
    if (data.length >= LONG_BYTES) {
      const start = startOf(data);
      const decode = (part: Uint8Array) => strictUtf8.decode(part);
      return readLongMessage(data, { ...this.#options, decode })
        .then((message) => this.#readMessage(message, () => start));
    }
    const text = strictUtf8.decode(data);
    // Servers that can resume a stream begin it with an event without data.
    return text.trim() === "" ? null : this.#readMessage(readMessage(text), () => startOf(data));
  }

  #readMessage(message: Message, start: () => string): WireResult | null {
    const { id, onNotification } = this.#options;
    switch (message.kind) {
      case "result":
      case "failure": {
        const result = toWireResult(message, this.#sessionId);
        if (message.id === null && id !== null) this.#anonymous = result;
        return message.id === id ? result : null;
      }
      case "notification":
        onNotification(message.method, message.params);
        return null;
      case "request":
        return null;
      case "invalid":
        return unreadable(`bad json: ${start()}`);
    }
  }
}
