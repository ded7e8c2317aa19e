import { collectYoungGarbage } from "../base/collect_garbage.ts";
import type { Clock } from "../base/time/clock.ts";

/** After so many bytes of copies those that were sent are collected. */
const COLLECT_BYTES = 8 * 1024 * 1024;

/** How the reading of a stream ended: to its end, by the client, or because that read nothing more. */
export type StreamEnd = "read" | "gone" | "stalled";

/** Options of a `PacedStream`. */
export interface PacedStreamOptions {
  readonly clock: Pick<Clock, "after">;
  /** How long a client may read nothing while a piece waits. */
  readonly stallMs: number;
  /** Called with the length of each piece that the client begins to read. */
  readonly onRead?: (bytes: number) => void;
  /** Called once; nothing waits any more by then. */
  readonly onEnd: (how: StreamEnd) => void;
}

/**
 * A response's body that is written piece by piece, each when the client has read those before. What
 * a client does not read is not handed to the server, which would keep it for as long as the
 * connection lasts.
 */
export class PacedStream {
  readonly body: ReadableStream<Uint8Array>;
  readonly #options: PacedStreamOptions;
  #queue: Uint8Array[] = [];
  #waitingBytes = 0;
  #copiedBytes = 0;
  #state: "open" | "ending" | "ended" = "open";
  #controller: ReadableStreamDefaultController<Uint8Array> | null = null;
  #onChange: (() => void) | null = null;
  #cancelStall: (() => void) | null = null;

  constructor(options: PacedStreamOptions) {
    this.#options = options;
    this.body = new ReadableStream<Uint8Array>({
      start: (controller) => {
        this.#controller = controller;
      },
      pull: () => this.#pull(),
      cancel: () => this.#abandon(),
    }, { highWaterMark: 0 });
  }

  /** Bytes of the pieces that wait to be read. */
  get waitingBytes(): number {
    return this.#waitingBytes;
  }

  /** Adds a piece. Does nothing once the stream has ended. */
  push(piece: Uint8Array): void {
    if (this.#state !== "open") return;
    this.#queue.push(piece);
    this.#waitingBytes += piece.byteLength;
    if (this.#cancelStall === null) this.#watchStall();
    this.#wakePull();
  }

  /** Ends the stream when all pieces are read. */
  end(): void {
    if (this.#state !== "open") return;
    this.#state = "ending";
    this.#wakePull();
  }

  /** Hands out the next piece, or waits for it. */
  async #pull(): Promise<void> {
    if (this.#queue.length === 0 && this.#state === "open") {
      await new Promise<void>((resolve) => this.#onChange = resolve);
    }
    const piece = this.#queue.shift();
    if (piece !== undefined) {
      this.#waitingBytes -= piece.byteLength;
      this.#options.onRead?.(piece.byteLength);
      this.#watchStall();
      // A copy: the piece may be freed while the server still writes it.
      this.#controller?.enqueue(piece.slice());
      this.#countCopied(piece.byteLength);
    } else if (this.#state === "ending") {
      this.#controller?.close();
      this.#finish("read");
    }
  }

  #countCopied(bytes: number): void {
    this.#copiedBytes += bytes;
    if (this.#copiedBytes < COLLECT_BYTES) return;
    this.#copiedBytes = 0;
    collectYoungGarbage();
  }

  #wakePull(): void {
    this.#onChange?.();
    this.#onChange = null;
  }

  #abandon(): void {
    if (this.#state !== "ended") this.#finish("gone");
    this.#wakePull();
  }

  #watchStall(): void {
    const { clock, stallMs } = this.#options;
    this.#cancelStall?.();
    this.#cancelStall = this.#queue.length === 0 ? null : clock.after(stallMs, () => {
      this.#finish("stalled");
      // The body is then shorter than was announced, so that no client believes it to be whole.
      this.#controller?.close();
    });
  }

  #finish(how: StreamEnd): void {
    this.#state = "ended";
    this.#queue = [];
    this.#waitingBytes = 0;
    this.#cancelStall?.();
    this.#cancelStall = null;
    this.#options.onEnd(how);
  }
}
