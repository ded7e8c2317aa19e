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

/** One event of a stream; comments, ids and retry times are left out, as MCP answers need none. */
export interface SseEvent {
  /** `message` where the stream names none. */
  readonly event: string;
  readonly data: string;
}

/**
 * A parser fed with chunks as they come; each call gives the events that the chunk completed. An
 * event that the stream leaves unfinished is dropped, as the standard says. Throws a `RangeError`
 * when one event exceeds `maxBytes`, a `TypeError` on bytes that are no UTF-8.
 * https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation
 */
export function createSseParser(options: {
  readonly maxBytes: number;
}): (chunk: Uint8Array) => SseEvent[] {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let pending: string[] = [];
  let size = 0;
  let endsInCr = false;
  let event = "";
  let data: string[] = [];

  function takeLine(line: string): SseEvent | null {
    if (line === "") {
      const done = data.length > 0 ? { event: event || "message", data: data.join("\n") } : null;
      event = "";
      data = [];
      size = 0;
      return done;
    }
    const colon = line.indexOf(":");
    const field = colon === -1 ? line : line.slice(0, colon);
    const value = colon === -1 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (field === "event") event = value;
    if (field === "data") data.push(value);
    return null;
  }

  return (chunk) => {
    let text = decoder.decode(chunk, { stream: true });
    // The chunks may part CR from LF: the LF then ends no second line.
    if (endsInCr && text.startsWith("\n")) text = text.slice(1);
    if (text !== "") endsInCr = text.endsWith("\r");
    const [head = "", ...lines] = text.split(/\r\n|\r|\n/);
    const events: SseEvent[] = [];
    pending.push(head);
    size += head.length;
    for (const line of lines) {
      const done = takeLine(pending.join(""));
      if (done) events.push(done);
      pending = [line];
      size += line.length;
      if (size > options.maxBytes) break;
    }
    if (size > options.maxBytes) {
      throw new RangeError(`An event exceeds ${options.maxBytes} bytes`);
    }
    return events;
  };
}
