import type { Dispatcher } from "undici";
import type { Clock } from "../../base/time/clock.ts";
import { failed, type WireMessage, type WireResult } from "../backend/wire.ts";
import type { WireFailure } from "../outcome.ts";
import { NO_ROOM } from "../transport.ts";
import { type AnswerReader, createAnswerReader } from "./answer.ts";
import { ConnectError } from "./connect.ts";

/** A backend that trickles bytes gets this much time for each MiB, beyond its deadline. */
const MS_PER_MIB = 1_000;
const MIB = 1024 * 1024;
/** A timer's longest delay; a longer one would fire at once. */
const MAX_TIMER_MS = 2 ** 31 - 1;
/** How long an event stream may stay open behind its answer, so that its connection is kept. */
const LINGER_MS = 100;

/** Where a backend listens. */
export interface PostTarget {
  /** Scheme, name and port. */
  readonly origin: string;
  /** Path and query. */
  readonly path: string;
}

/** What requests go out by. */
export interface PostOptions {
  readonly dispatcher: Dispatcher;
  readonly clock: Clock;
}

/** Sends one JSON-RPC message by POST, once, and reads the answer. Never rejects. */
export function post(
  { origin, path }: PostTarget,
  message: WireMessage,
  { dispatcher, clock }: PostOptions,
): Promise<WireResult> {
  const { headers, body } = message;
  const handler = new PostHandler(message, clock);
  if (!handler.isSettled) {
    dispatcher.dispatch({ origin, path, method: "POST", headers, body }, handler);
  }
  return handler.result;
}

/**
 * A handler for undici's `dispatch`, which spares a stream of Node's for each answer. The first
 * result counts; a request that is not over by then is aborted, which closes its connection.
 */
class PostHandler implements Dispatcher.DispatchHandler {
  readonly #message: WireMessage;
  readonly #clock: Clock;
  readonly #settled = Promise.withResolvers<WireResult>();
  #controller: Dispatcher.DispatchController | null = null;
  #reader: AnswerReader | null = null;
  #isSettled = false;
  #readBytes = 0;
  #deadlineAt: number;
  #cancelWait: () => void;

  constructor(message: WireMessage, clock: Clock) {
    const { deadlineMs, signal } = message.bounds;
    this.#message = message;
    this.#clock = clock;
    this.#deadlineAt = clock.now() + deadlineMs;
    this.#cancelWait = this.#wait(deadlineMs);
    signal.addEventListener("abort", this.#onCancel);
    if (signal.aborted) this.#onCancel();
  }

  get isSettled(): boolean {
    return this.#isSettled;
  }

  get result(): Promise<WireResult> {
    return this.#settled.promise;
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#isSettled) this.#abort();
    else this.#message.bounds.onSent?.();
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: Readonly<Record<string, string | string[] | undefined>>,
  ): void {
    if (status < 200) return;
    const { id, onNotification } = this.#message;
    this.#reader = createAnswerReader({ status, headers }, id, onNotification);
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Uint8Array): void {
    if (this.#isSettled || this.#reader === null) return;
    const refusal = this.#admit(chunk.length);
    if (refusal !== null) return this.#stop({ kind: "unreadable", message: refusal });
    try {
      const result = this.#reader.push(chunk);
      if (result?.kind === "answer") this.#settleAndLinger(result);
      else if (result !== null) this.#settleAndAbort(result);
    } catch (error) {
      // What the parser of event streams throws: bytes that are no UTF-8.
      this.#stop({ kind: "unreadable", message: `bad event stream: ${messageOf(error)}` });
    }
  }

  onResponseEnd(): void {
    this.#cancelWait();
    if (!this.#isSettled && this.#reader !== null) this.#settle(this.#reader.end());
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.#cancelWait();
    this.#settle(this.#reader?.breakOff() ?? failed(failureOf(error)));
  }

  /** Why a piece of that size may not stay; null: it may. */
  #admit(bytes: number): string | null {
    const { maxBytes, takeBytes } = this.#message.bounds;
    this.#readBytes += bytes;
    if (this.#readBytes > maxBytes) return `answer larger than ${maxBytes} bytes`;
    if (takeBytes?.(bytes) === false) return NO_ROOM;
    this.#deadlineAt += bytes / MIB * MS_PER_MIB;
    return null;
  }

  readonly #onCancel = () => this.#stop({ kind: "cancelled" });

  /** The deadline moves while an answer comes, so the timer may be early. */
  readonly #onTimer = () => {
    const leftMs = this.#deadlineAt - this.#clock.now();
    if (leftMs > 0) this.#cancelWait = this.#wait(leftMs);
    else this.#stop({ kind: "timeout" });
  };

  #wait(ms: number): () => void {
    return this.#clock.after(Math.min(ms, MAX_TIMER_MS), this.#onTimer);
  }

  #stop(failure: WireFailure): void {
    this.#settleAndAbort(failed(failure));
  }

  #settleAndAbort(result: WireResult): void {
    this.#settle(result);
    this.#abort();
  }

  #settleAndLinger(result: WireResult): void {
    this.#settle(result);
    this.#cancelWait = this.#clock.after(LINGER_MS, () => this.#abort());
  }

  #settle(result: WireResult): void {
    if (this.#isSettled) return;
    this.#isSettled = true;
    this.#cancelWait();
    this.#message.bounds.signal.removeEventListener("abort", this.#onCancel);
    this.#settled.resolve(result);
  }

  #abort(): void {
    this.#controller?.abort(new DOMException("The answer is not waited for", "AbortError"));
  }
}

function failureOf(error: Error): WireFailure {
  if (error instanceof ConnectError) {
    return { kind: "connect", message: error.message, timedOut: error.timedOut };
  }
  return { kind: "lost", message: error.message };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
