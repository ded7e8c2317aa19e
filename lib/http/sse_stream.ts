import type { Clock } from "../base/clock.ts";

const encoder = new TextEncoder();
/** Notifications that may wait for a client that reads slowly; further ones are dropped. */
const MAX_WAITING_EVENTS = 64;

/** One `text/event-stream` answer while it is being written. */
export interface SseStream {
  readonly body: ReadableStream<Uint8Array>;
  /** Sends one event, unless the client reads too slowly. For what it can do without. */
  readonly offer: (data: string) => void;
  /** Sends one event, if given, and ends the stream. */
  readonly close: (data: string | null) => void;
}

/** How an event stream behaves. */
export interface SseStreamOptions {
  readonly clock: Clock;
  /** Between two comments that keep proxies from closing the connection. */
  readonly keepAliveMs: number;
  /** The client closed the connection before the end. */
  readonly onCancel: () => void;
}

/** An event stream: https://html.spec.whatwg.org/multipage/server-sent-events.html. */
export function createSseStream(options: SseStreamOptions): SseStream {
  const { clock, keepAliveMs, onCancel } = options;
  let controller: ReadableStreamDefaultController<Uint8Array> | null = null;
  const stopKeepAlive = clock.every(keepAliveMs, () => offerText(": keep-alive\n\n"));

  function offerText(text: string) {
    if (controller && (controller.desiredSize ?? 0) > 0) controller.enqueue(encoder.encode(text));
  }

  function close(data: string | null) {
    stopKeepAlive();
    if (data !== null) controller?.enqueue(encoder.encode(formatEvent(data)));
    controller?.close();
    controller = null;
  }

  const body = new ReadableStream<Uint8Array>({
    start(given) {
      controller = given;
    },
    cancel() {
      controller = null;
      stopKeepAlive();
      onCancel();
    },
  }, new CountQueuingStrategy({ highWaterMark: MAX_WAITING_EVENTS }));

  return { body, offer: (data) => offerText(formatEvent(data)), close };
}

/** `data` must hold no line break, as JSON holds none. */
function formatEvent(data: string): string {
  return `event: message\ndata: ${data}\n\n`;
}
