import { GrowingBytes } from "../../base/growing_bytes.ts";

/** One event of a stream; comments, ids and retry times are left out, as MCP answers need none. */
export interface SseEvent {
  /** `message` where the stream names none. */
  readonly event: string;
  /** UTF-8, and gone when the next event is asked for. */
  readonly data: Uint8Array;
}

const [LF, CR, COLON, SPACE] = [0x0a, 0x0d, 0x3a, 0x20];
const LINE_BREAK = new Uint8Array([LF]);
/** Longer than the names of fields that mean something, and a byte order mark. */
const MAX_NAME = 16;
const MAX_EVENT_NAME_BYTES = 256;

/**
 * A parser fed with chunks as they arrive, which returns the events that each completes. An event
 * that the stream leaves unfinished is dropped, as the standard says. Throws a `RangeError` when one
 * event exceeds `maxBytes`. Whoever makes it disposes of it.
 * https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation
 */
export class SseParser implements Disposable {
  readonly #maxBytes: number;
  readonly #data: GrowingBytes;
  #hasData = false;
  #event = "";
  /** Bytes of the current event. */
  #size = 0;
  /** The current line up to its colon, as far as it matters. */
  #name = "";
  #isInValue = false;
  #isFirstLine = true;
  #isAfterColon = false;
  #isAfterCr = false;

  constructor(options: { readonly maxBytes: number }) {
    this.#maxBytes = options.maxBytes;
    this.#data = new GrowingBytes(options.maxBytes);
  }

  *push({ buffer, byteOffset, length }: Uint8Array): Generator<SseEvent> {
    // What comes may be a Buffer, which is searched far more slowly.
    const chunk = new Uint8Array(buffer, byteOffset, length);
    for (const { line, isEnded } of this.#linesIn(chunk)) {
      this.#take(line);
      if (!isEnded) continue;
      const event = this.#endLine();
      if (event === null) continue;
      yield event;
      this.#data.clear();
    }
  }

  [Symbol.dispose](): void {
    this.#data[Symbol.dispose]();
  }

  /** The lines, and what is there of the last one. */
  *#linesIn(chunk: Uint8Array): Generator<{ line: Uint8Array; isEnded: boolean }> {
    let cr = chunk.indexOf(CR);
    // The chunks may part CR from LF: the LF then ends no second line.
    for (let at = this.#isAfterCr && chunk[0] === LF ? 1 : 0; at < chunk.length;) {
      if (cr >= 0 && cr < at) cr = chunk.indexOf(CR, at);
      const lf = chunk.indexOf(LF, at);
      const end = cr >= 0 && (lf < 0 || cr < lf) ? cr : lf;
      yield { line: chunk.subarray(at, end < 0 ? chunk.length : end), isEnded: end >= 0 };
      if (end < 0) break;
      at = end + (end === cr && chunk[end + 1] === LF ? 2 : 1);
    }
    if (chunk.length > 0) this.#isAfterCr = chunk.at(-1) === CR;
  }

  #take(part: Uint8Array): void {
    this.#size += part.length;
    if (this.#size > this.#maxBytes) {
      throw new RangeError(`An event exceeds ${this.#maxBytes} bytes`);
    }
    const value = this.#isInValue ? part : this.#takeName(part);
    if (value === null || value.length === 0) return;
    const text = this.#isAfterColon && value[0] === SPACE ? value.subarray(1) : value;
    this.#isAfterColon = false;
    if (this.#name === "data") this.#data.push(text);
    if (this.#name === "event") this.#takeEventName(text);
  }

  /** What follows the colon; null: there was none yet. */
  #takeName(part: Uint8Array): Uint8Array | null {
    const colon = part.indexOf(COLON);
    const name = part.subarray(0, Math.min(colon < 0 ? part.length : colon, MAX_NAME));
    this.#name = (this.#name + String.fromCharCode(...name)).slice(0, MAX_NAME);
    if (colon < 0) return null;
    this.#beginValue();
    this.#isAfterColon = true;
    return part.subarray(colon + 1);
  }

  #beginValue(): void {
    this.#isInValue = true;
    if (this.#isFirstLine) this.#name = this.#name.replace(/^\xef\xbb\xbf/, "");
    if (this.#name === "event") this.#event = "";
    if (this.#name !== "data") return;
    if (this.#hasData) this.#data.push(LINE_BREAK);
    this.#hasData = true;
  }

  #takeEventName(part: Uint8Array): void {
    const room = Math.max(0, MAX_EVENT_NAME_BYTES - this.#event.length);
    this.#event += String.fromCharCode(...part.subarray(0, room));
  }

  /** The event that an empty line ends. */
  #endLine(): SseEvent | null {
    const isEmpty = !this.#isInValue && this.#name === "";
    if (!this.#isInValue) this.#beginValue();
    this.#name = "";
    [this.#isInValue, this.#isAfterColon, this.#isFirstLine] = [false, false, false];
    if (!isEmpty) return null;
    const event = this.#hasData
      ? { event: this.#event || "message", data: this.#data.view() }
      : null;
    [this.#event, this.#hasData, this.#size] = ["", false, 0];
    return event;
  }
}
