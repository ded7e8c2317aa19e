import type { Clock } from "../../../../base/time/clock.ts";
import type { StreamEnd } from "../../../paced_stream.ts";
import { createSseStream, type SseStream } from "../../../sse_stream.ts";
import type { Visitor } from "../../../visitors/find_visitor.ts";
import type { ByteLease } from "../answer/budget.ts";
import { findChange } from "./changes.ts";
import type { LiveEvent, Viewer } from "../model.ts";
import type { FleetSnapshot, FleetView } from "../view.ts";

/** Between two signs of life, and between two checks whether the visitor is still accepted. */
const BEAT_MS = 5_000;

/** Options of a `LiveStream`. */
export interface LiveStreamOptions {
  readonly visitor: Visitor;
  readonly viewer: Viewer;
  readonly view: Pick<FleetView, "snapshot" | "sparklines" | "watch">;
  readonly clock: Clock;
  /** What its reader has not read is taken from it. */
  readonly room: ByteLease;
  /** How long its reader may read nothing. */
  readonly stallMs: number;
  /** Called with what the server itself has done wrong, which ends the stream. */
  readonly onBug: (error: unknown) => void;
  /** Called once, when all is read or the reader is gone. */
  readonly onEnd: (how: StreamEnd) => void;
}

/**
 * What one visitor sees of the fleet as it changes, as an event stream of `LiveEvent`. A reader that is
 * too slow for a change gets everything again once it has caught up.
 */
export class LiveStream {
  readonly #options: LiveStreamOptions;
  readonly #sse: SseStream;
  /** What the reader has; null: everything is to be sent. */
  #sent: FleetSnapshot | null = null;
  #hasEnded = false;
  #unwatch = () => {};
  #cancelBeat = () => {};

  constructor(options: LiveStreamOptions) {
    const { clock, stallMs, room, onEnd } = options;
    this.#options = options;
    this.#sse = createSseStream({
      clock,
      // The beats do.
      keepAliveMs: null,
      stallMs,
      room,
      onEnd: (how) => {
        this.#release();
        onEnd(how);
      },
    });
    this.#guard(() => {
      this.#sendAll();
      this.#unwatch = options.view.watch(() => this.#guard(() => this.#update()));
    });
    if (this.#hasEnded) this.#release();
  }

  get body(): ReadableStream<Uint8Array> {
    return this.#sse.body;
  }

  /** Ends the stream if its visitor is no longer accepted. */
  check(): void {
    this.#guard(() => this.#isAccepted());
  }

  /** Ends the stream when its reader has read what was sent. */
  end(): void {
    this.#close([]);
  }

  #update(): void {
    if (!this.#isAccepted()) return;
    if (this.#sent === null) return this.#sendAll();
    const snapshot = this.#options.view.snapshot();
    const change = findChange(this.#sent, snapshot);
    if (change === null) return;
    this.#send({ kind: "change", now: this.#wall(), ...change }, snapshot);
  }

  #beat(): void {
    this.#beatLater();
    if (!this.#isAccepted()) return;
    if (this.#sent === null) this.#sendAll();
    else this.#send({ kind: "beat", now: this.#wall() }, this.#sent);
  }

  /** Waits for a reader that has not read what was sent before. */
  #sendAll(): void {
    if (this.#sse.waitingBytes() > 0) return;
    const { view, viewer } = this.#options;
    const snapshot = view.snapshot();
    const overview = { ...snapshot, viewer, now: this.#wall() };
    this.#send({ kind: "all", overview, sparklines: view.sparklines() }, snapshot);
  }

  #send(event: LiveEvent, snapshot: FleetSnapshot): void {
    this.#sent = this.#sse.offer(JSON.stringify(event)) ? snapshot : null;
    this.#beatLater();
  }

  #isAccepted(): boolean {
    if (this.#hasEnded) return false;
    if (this.#options.visitor.isAccepted()) return true;
    const event: LiveEvent = { kind: "signed_out" };
    this.#close([new TextEncoder().encode(JSON.stringify(event))]);
    return false;
  }

  #beatLater(): void {
    this.#cancelBeat();
    if (this.#hasEnded) return;
    this.#cancelBeat = this.#options.clock.after(BEAT_MS, () => this.#guard(() => this.#beat()));
  }

  #close(last: Iterable<Uint8Array>): void {
    if (this.#hasEnded) return;
    this.#release();
    this.#sse.close(last);
  }

  #release(): void {
    this.#hasEnded = true;
    this.#cancelBeat();
    this.#unwatch();
  }

  #guard(act: () => void): void {
    try {
      act();
    } catch (error) {
      this.end();
      this.#options.onBug(error);
    }
  }

  #wall(): number {
    return this.#options.clock.wall();
  }
}
