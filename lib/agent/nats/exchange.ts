import { decodeUtf8 } from "../../base/bytes.ts";
import { PageBytes } from "../../base/page_bytes.ts";
import type { Clock } from "../../base/time/clock.ts";
import type { Lease } from "../../calls/budget.ts";
import type { Answer } from "../../mcp/answer.ts";
import { readMessage } from "../../mcp/message.ts";
import type { McpServer } from "../../mcp/server.ts";
import { type Bytes, FIRST_PIECE, type Reply } from "../../nats/frames.ts";
import { AnswerBytes } from "./answer_bytes.ts";

/** Whom calls over NATS are made for. */
export const PRINCIPAL = "nats";

/** A hub that waits for a call asks much more often; one that fetches an answer, too. */
const ABANDONED_MS = 15_000;
/** Notifications that wait to be asked for: the newest, and so many bytes of them. */
const MAX_NOTES = 16;
const MAX_NOTES_BYTES = 32 * 1024;

const encoder = new TextEncoder();
const NO_BYTES = new Uint8Array(0);

/** What exchanges need. */
export interface ExchangeOptions {
  readonly server: McpServer;
  /** Of this process. */
  readonly agent: string;
  readonly clock: Clock;
  /** Bytes of an answer that go into one reply. */
  readonly pieceBytes: () => number;
  /** Called with what the server itself has done wrong. */
  readonly onBug: (error: unknown) => void;
}

/** What one exchange has of its own. */
export interface ExchangeFrame {
  /** The hub's name for it. */
  readonly call: string;
  /** The room for its message. */
  readonly lease: Lease;
  /** Called when it is over, and nothing is kept of it any more. */
  readonly onEnd: () => void;
}

/** Sends the one reply to a request. */
export type SendReply = (reply: Reply) => void;

/** One JSON-RPC message of a hub, from its first byte to the last one of its answer. */
export class Exchange {
  readonly #options: ExchangeOptions;
  readonly #frame: ExchangeFrame;
  readonly #gone = new AbortController();
  #state: "receiving" | "running" | "answered" | "over" = "receiving";
  #message: { readonly bytes: PageBytes; readonly length: number } | null = null;
  #notes: string[] = [];
  #notesBytes = 0;
  #waiting: { readonly send: SendReply; readonly cancel: () => void } | null = null;
  #answer: AnswerBytes | null = null;
  #cancelAbandon: () => void = () => {};

  constructor(options: ExchangeOptions, frame: ExchangeFrame) {
    this.#options = options;
    this.#frame = frame;
    this.#expectMore();
  }

  /** Takes a whole message, and serves it. */
  serve(body: Bytes, holdMs: number, send: SendReply): void {
    const text = decodeUtf8(body);
    if (text === null) return this.#refuse("the message is not UTF-8", send);
    this.#run(text);
    this.wait(holdMs, send);
  }

  /** Makes ready for a message in pieces. */
  open(length: number, send: SendReply): void {
    this.#message = { bytes: new PageBytes(length), length };
    send({ state: "ready", agent: this.#options.agent });
  }

  /** Takes a piece; the message is served when it is whole. */
  put(
    { at, body, holdMs }: { readonly at: number; readonly body: Bytes; readonly holdMs: number },
    send: SendReply,
  ): void {
    const message = this.#message;
    if (this.#state !== "receiving" || message === null) return this.wait(holdMs, send);
    const { bytes, length } = message;
    if (at !== bytes.length || body.length === 0 || at + body.length > length) {
      return this.#refuse("the pieces of the message do not fit together", send);
    }
    bytes.push(body);
    if (bytes.length < length) {
      this.#expectMore();
      return send({ state: "ready", agent: this.#options.agent });
    }
    const whole = bytes.view();
    this.serve(whole, holdMs, send);
    this.#dropMessage();
  }

  /** Replies with what has come of it: at once if there is something, else within `holdMs`. */
  wait(holdMs: number, send: SendReply): void {
    if (this.#state === "receiving") return this.#refuse("the message is not whole", send);
    this.#replyRunning();
    this.#cancelAbandon();
    const cancel = this.#options.clock.after(holdMs, () => this.#replyRunning());
    this.#waiting = { send, cancel };
    if (this.#notes.length > 0) this.#replyRunning();
    if (this.#state === "answered") this.#replyAnswer();
  }

  /** Replies with a piece of the answer, and is over after the last one. */
  get(at: number, send: SendReply): void {
    const { agent, pieceBytes } = this.#options;
    const answer = this.#answer;
    const body = answer?.read(at, pieceBytes()) ?? NO_BYTES;
    if (answer === null || body.length === 0) return send({ state: "gone", agent });
    send({ state: "piece", agent, body });
    if (at + body.length >= answer.length) this.end();
    else this.#expectMore();
  }

  /** Hands a notification of the hub to the server; a call would run without an answer. */
  notify(body: Bytes): void {
    const text = decodeUtf8(body);
    if (text === null || readMessage(text).kind !== "notification") return;
    this.#options.server.handle(text, this.#caller()).catch(this.#options.onBug);
  }

  /** Nobody wants anything more of it: what still runs has lost its client. */
  end(): void {
    if (this.#state === "over") return;
    const wasRunning = this.#state === "running";
    this.#state = "over";
    this.#cancelAbandon();
    this.#waiting?.cancel();
    this.#waiting = null;
    this.#dropMessage();
    this.#frame.lease[Symbol.dispose]();
    this.#answer?.[Symbol.dispose]();
    this.#answer = null;
    if (wasRunning) this.#gone.abort();
    this.#frame.onEnd();
  }

  #run(text: string): void {
    this.#state = "running";
    this.#options.server.handle(text, this.#caller()).then(
      (answer) => this.#take(answer),
      (error) => {
        this.#options.onBug(error);
        this.#take(null);
      },
    );
  }

  #caller() {
    return {
      principal: PRINCIPAL,
      results: null,
      // A session of its own, so that no request of another hub has the same id.
      channel: { kind: "pipe", id: this.#frame.call },
      gone: this.#gone.signal,
      notify: (message: string) => this.#note(message),
    } as const;
  }

  #take(answer: Answer | null): void {
    if (this.#state !== "running") {
      answer?.leave();
      return;
    }
    this.#state = "answered";
    this.#frame.lease[Symbol.dispose]();
    this.#answer = new AnswerBytes(answer);
    if (this.#waiting === null && answer === null) this.end();
    else if (this.#waiting === null) this.#expectMore();
    else this.#replyAnswer();
  }

  #replyAnswer(): void {
    const send = this.#takeWaiting();
    const answer = this.#answer;
    if (send === null || answer === null) return;
    const { agent, pieceBytes } = this.#options;
    const step = pieceBytes();
    const body = answer.read(0, Math.min(FIRST_PIECE, step));
    send({ state: "answer", agent, bytes: answer.length, step, body });
    if (body.length >= answer.length) this.end();
    else this.#expectMore();
  }

  #replyRunning(): void {
    const send = this.#takeWaiting();
    if (send === null) return;
    const body = encoder.encode(this.#notes.join("\n"));
    this.#notes = [];
    this.#notesBytes = 0;
    send({ state: "running", agent: this.#options.agent, body });
    this.#expectMore();
  }

  #takeWaiting(): SendReply | null {
    const waiting = this.#waiting;
    this.#waiting = null;
    waiting?.cancel();
    return waiting?.send ?? null;
  }

  #note(message: string): void {
    const bytes = 3 * message.length;
    if (this.#state !== "running" || bytes > MAX_NOTES_BYTES) return;
    this.#notes.push(message);
    this.#notesBytes += bytes;
    while (this.#notes.length > MAX_NOTES || this.#notesBytes > MAX_NOTES_BYTES) {
      this.#notesBytes -= 3 * (this.#notes.shift()?.length ?? 0);
    }
    this.#replyRunning();
  }

  #refuse(reason: string, send: SendReply): void {
    send({ state: "refused", agent: this.#options.agent, reason });
    this.end();
  }

  #dropMessage(): void {
    this.#message?.bytes[Symbol.dispose]();
    this.#message = null;
  }

  #expectMore(): void {
    this.#cancelAbandon();
    this.#cancelAbandon = this.#options.clock.after(ABANDONED_MS, () => this.end());
  }
}
