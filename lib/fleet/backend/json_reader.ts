import type { Pause } from "../../base/bursts.ts";
import { GrowingBytes } from "../../base/growing_bytes.ts";
import {
  type JsonRpcFailure,
  type JsonRpcResult,
  type Message,
  readLongMessage,
  readMessage,
  type RequestId,
} from "../../mcp/message.ts";
import { failed, type OnNotification, type WireResult } from "./wire.ts";

/** A result, perhaps later: a long one is read in steps. Null: none yet. */
export type Answering<T> = T | Promise<T>;

/** What is answered, and how it is read. */
export interface ReaderOptions {
  /** Of the request; null: it was a notification. */
  readonly id: RequestId | null;
  readonly onNotification: OnNotification;
  /** Longest body. */
  readonly maxBytes: number;
  readonly pause: Pause;
}

/** A longer message is read in steps. */
export const LONG_BYTES = 256 * 1024;

/** The part of an answer that is shown where it cannot be read. */
export const SHOWN = 200;

/** A byte order mark is no part of a JSON text, though some servers send one. */
const utf8 = new TextDecoder("utf-8");
const wholeUtf8 = new TextDecoder("utf-8", { ignoreBOM: true });

const NO_BYTES = new Uint8Array(0);

/** Reads an answer that is one JSON text. */
export class JsonReader implements Disposable {
  readonly #sessionId: string | null;
  readonly #options: ReaderOptions;
  /** Most answers come in one piece, of which no copy is needed. */
  #only: Uint8Array | null = null;
  /** All pieces, once there are several. */
  #bytes: GrowingBytes | null = null;

  constructor(sessionId: string | null, options: ReaderOptions) {
    this.#sessionId = sessionId;
    this.#options = options;
  }

  push(chunk: Uint8Array): null {
    if (this.#only === null && this.#bytes === null) {
      this.#only = chunk;
      return null;
    }
    this.#bytes ??= new GrowingBytes(this.#options.maxBytes);
    if (this.#only !== null) this.#bytes.push(this.#only);
    this.#only = null;
    this.#bytes.push(chunk);
    return null;
  }

  end(): Answering<WireResult> {
    const all = this.#only ?? this.#bytes?.view() ?? NO_BYTES;
    if (all.length < LONG_BYTES) {
      const message = readMessage(utf8.decode(all));
      return this.#read(message) ?? unreadable(`bad json: ${startOf(all)}`);
    }
    const start = startOf(all);
    const decode = (part: Uint8Array) => wholeUtf8.decode(part);
    return readLongMessage(all, { ...this.#options, decode })
      .then((message) => this.#read(message) ?? unreadable(`bad json: ${start}`));
  }

  breakOff(): null {
    return null;
  }

  [Symbol.dispose](): void {
    this.#bytes?.[Symbol.dispose]();
  }

  /** Null: it is no response. */
  #read(message: Message): WireResult | null {
    if (message.kind !== "result" && message.kind !== "failure") return null;
    return isAnswerTo(this.#options.id, message.id)
      ? toWireResult(message, this.#sessionId)
      : unreadable("the answer has the id of another request");
  }
}

/** The beginning, as it is shown; a long message is changed while it is read. */
export function startOf(bytes: Uint8Array): string {
  return utf8.decode(bytes.subarray(0, 4 * SHOWN)).slice(0, SHOWN);
}

/** What an answer says; `sessionId` came with it. */
export function toWireResult(
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

/** A result that says why an answer cannot be read. */
export function unreadable(message: string): WireResult {
  return failed({ kind: "unreadable", message });
}
