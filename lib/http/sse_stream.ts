import type { Clock } from "../base/time/clock.ts";
import type { Lease } from "../calls/budget.ts";
import { PacedStream, type StreamEnd } from "./paced_stream.ts";

const encoder = new TextEncoder();
/** Notifications that may wait for a client that reads slowly; further ones are dropped. */
const MAX_WAITING_BYTES = 64 * 1024;

/** One `text/event-stream` answer while it is being written. */
export interface SseStream {
  readonly body: ReadableStream<Uint8Array>;
  /**
   * Sends one event, unless the client reads too slowly or there is no room: then returns false. For
   * what it can do without.
   */
  readonly offer: (data: string) => boolean;
  /** Bytes that the client has not read yet. */
  readonly waitingBytes: () => number;
  /** Sends one event, given in pieces, and ends the stream; none: ends it alone. */
  readonly close: (data: Iterable<Uint8Array>) => void;
}

/** How an event stream behaves. */
export interface SseStreamOptions {
  readonly clock: Clock;
  /** Between two comments that keep proxies from closing the connection; null: there are none. */
  readonly keepAliveMs: number | null;
  /** How long a client may read nothing. */
  readonly stallMs: number;
  /** What waits to be read is taken from it; default: it is bounded alone. */
  readonly room?: Pick<Lease, "take" | "giveBack">;
  /** Called once, when all is read or the client is gone. */
  readonly onEnd: (how: StreamEnd) => void;
}

/** An event stream: https://html.spec.whatwg.org/multipage/server-sent-events.html. */
export function createSseStream(options: SseStreamOptions): SseStream {
  const { clock, keepAliveMs, stallMs, onEnd, room } = options;
  const stream = new PacedStream({
    clock,
    stallMs,
    ...(room && { onRead: (bytes: number) => room.giveBack(bytes) }),
    onEnd: (how) => {
      stopKeepAlive();
      onEnd(how);
    },
  });
  const stopKeepAlive = keepAliveMs === null
    ? () => {}
    : clock.every(keepAliveMs, () => offerText(": keep-alive\n\n"));

  function offerText(text: string): boolean {
    if (stream.waitingBytes >= MAX_WAITING_BYTES) return false;
    const bytes = encoder.encode(text);
    if (room !== undefined && !room.take(bytes.length)) return false;
    stream.push(bytes);
    return true;
  }

  function close(data: Iterable<Uint8Array>): void {
    stopKeepAlive();
    const pieces = [...data];
    if (pieces.length > 0) {
      for (const piece of [EVENT_START, ...pieces, EVENT_END]) stream.push(piece);
    }
    stream.end();
  }

  return {
    body: stream.body,
    offer: (data) => offerText(formatEvent(data)),
    waitingBytes: () => stream.waitingBytes,
    close,
  };
}

const START = "event: message\ndata: ";
const END = "\n\n";
const [EVENT_START, EVENT_END] = [encoder.encode(START), encoder.encode(END)];

/** `data` must hold no line break, as JSON holds none. */
function formatEvent(data: string): string {
  return `${START}${data}${END}`;
}
