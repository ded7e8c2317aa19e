/** One event of a stream; comments, ids and retry times are left out, as MCP answers need none. */
export interface SseEvent {
  /** `message` where the stream names none. */
  readonly event: string;
  readonly data: string;
}

/**
 * A parser fed with chunks as they arrive; each call returns the events that the chunk completed. An
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

  function parseLine(line: string): SseEvent | null {
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

  return function parseChunk(chunk) {
    let text = decoder.decode(chunk, { stream: true });
    // The chunks may part CR from LF: the LF then ends no second line.
    if (endsInCr && text.startsWith("\n")) text = text.slice(1);
    if (text !== "") endsInCr = text.endsWith("\r");
    const [head = "", ...lines] = text.split(/\r\n|\r|\n/);
    const events: SseEvent[] = [];
    pending.push(head);
    size += head.length;
    for (const line of lines) {
      const done = parseLine(pending.join(""));
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
