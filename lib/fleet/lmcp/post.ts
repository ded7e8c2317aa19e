import type { Dispatcher } from "undici";
import type { Pause } from "../../base/bursts.ts";
import { collectYoungGarbage } from "../../base/collect_garbage.ts";
import { messageOf } from "../../base/text/error_text.ts";
import type { Clock } from "../../base/time/clock.ts";
import { failed, type WireMessage, type WireResult } from "../backend/wire.ts";
import type { WireFailure } from "../outcome.ts";
import { Admission, type Admitted } from "../backend/admission.ts";
import type { Answering } from "../backend/json_reader.ts";
import { type AnswerReader, createAnswerReader } from "./answer.ts";
import { ConnectError } from "./connect.ts";

/** A backend that trickles bytes gets this much time for each MiB, beyond its deadline. */
const MS_PER_MIB = 1_000;
const MIB = 1024 * 1024;
/** After so many bytes of an answer the buffers in which they came are collected. */
const COLLECT_BYTES = 8 * MIB;
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
  /** For answers that are read in steps. */
  readonly pause: Pause;
}

/** Sends one JSON-RPC message by POST, once, and reads the answer. Never rejects. */
export function post(
  { origin, path }: PostTarget,
  message: WireMessage,
  options: PostOptions,
): Promise<WireResult> {
  const { headers, body } = message;
  const handler = new PostHandler(message, options);
  if (!handler.isSettled) {
    options.dispatcher.dispatch({ origin, path, method: "POST", headers, body }, handler);
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
  readonly #pause: Pause;
  readonly #admission: Admission;
  readonly #settled = Promise.withResolvers<WireResult>();
  #controller: Dispatcher.DispatchController | null = null;
  #reader: AnswerReader | null = null;
  #isSettled = false;
  #readBytes = 0;
  #pauseAt = MIB;
  #collectAt = COLLECT_BYTES;
  #isHeld = false;
  #deadlineAt: number;
  #cancelWait: () => void;
  #hasEnded = false;

  constructor(message: WireMessage, { clock, pause }: PostOptions) {
    const { deadlineMs, signal } = message.bounds;
    this.#message = message;
    this.#clock = clock;
    this.#pause = pause;
    this.#admission = new Admission(message.bounds, clock);
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
    const { id, onNotification, bounds: { maxBytes } } = this.#message;
    const options = { id, onNotification, maxBytes, pause: this.#pause };
    this.#reader = createAnswerReader({ status, headers }, options);
    const announced = status === 200 ? Number(headers["content-length"] ?? 0) : 0;
    if (announced > 0) this.#admit(announced, { isAll: true });
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Uint8Array): void {
    const reader = this.#reader;
    if (this.#isSettled || reader === null) return;
    this.#readBytes += chunk.length;
    this.#deadlineAt += chunk.length / MIB * MS_PER_MIB;
    this.#admit(this.#readBytes, { isAll: false });
    this.#follow(() => reader.push(chunk), (result) => {
      if (result?.kind === "answer") this.#settleAndLinger(result);
      else if (result !== null) this.#settleAndAbort(result);
    });
    this.#letOthersRun();
  }

  onResponseEnd(): void {
    const reader = this.#reader;
    this.#end();
    if (reader === null) return;
    this.#follow(() => reader.end(), (result) => result && this.#settle(result));
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    const reader = this.#reader;
    this.#end();
    const lost = failed(failureOf(error));
    this.#follow(() => reader?.breakOff() ?? null, (result) => this.#settle(result ?? lost));
  }

  /** Nothing more comes, so that nothing is waited for but what is being read. */
  #end(): void {
    this.#cancelWait();
    this.#hasEnded = true;
  }

  /** Reads something, and calls back when that is done. */
  #follow(
    read: () => Answering<WireResult | null>,
    onRead: (result: WireResult | null) => void,
  ): void {
    if (this.#isSettled) return;
    try {
      const result = read();
      if (!(result instanceof Promise)) return onRead(result);
      this.#cancelWait();
      result.then(onRead).finally(() => this.#waitAgain()).catch((error) => this.#stopBad(error));
    } catch (error) {
      this.#stopBad(error);
    }
  }

  /** Bytes of an event stream that are no UTF-8. */
  #stopBad(error: unknown): void {
    this.#stop({ kind: "unreadable", message: `bad event stream: ${messageOf(error)}` });
  }

  #waitAgain(): void {
    if (this.#isSettled || this.#hasEnded) return;
    this.#cancelWait();
    this.#onTimer();
  }

  /** Stops what has no room. What waits for room is not read meanwhile, and has more time. */
  #admit(bytes: number, options: { readonly isAll: boolean }): void {
    const admitted = this.#admission.admit(bytes, options);
    if (!(admitted instanceof Promise)) return this.#refuse(admitted);
    const since = this.#clock.now();
    this.#hold(admitted.then((late) => {
      this.#deadlineAt += this.#clock.now() - since;
      this.#refuse(late);
    }));
  }

  /** While there is more to read, the network is hardly looked at. */
  #letOthersRun(): void {
    if (this.#isSettled || this.#isHeld || this.#readBytes < this.#pauseAt) return;
    this.#pauseAt = this.#readBytes + MIB;
    if (this.#readBytes >= this.#collectAt) this.#collectBuffers();
    this.#hold(this.#pause());
  }

  #collectBuffers(): void {
    this.#collectAt = this.#readBytes + COLLECT_BYTES;
    collectYoungGarbage();
  }

  /** Reads no more of the answer before something has happened. */
  #hold(until: Promise<void>): void {
    this.#isHeld = true;
    this.#controller?.pause();
    until.then(() => {
      this.#isHeld = false;
      if (!this.#isSettled) this.#controller?.resume();
    }).catch((error) => this.#stopBad(error));
  }

  #refuse(message: Admitted): void {
    if (message !== null) this.#stop({ kind: "unreadable", message });
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
    if (this.#isSettled) return;
    this.#settle(result);
    if (!this.#hasEnded) this.#cancelWait = this.#clock.after(LINGER_MS, () => this.#abort());
  }

  #settle(result: WireResult): void {
    if (this.#isSettled) return;
    this.#isSettled = true;
    this.#cancelWait();
    this.#message.bounds.signal.removeEventListener("abort", this.#onCancel);
    this.#reader?.[Symbol.dispose]();
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
