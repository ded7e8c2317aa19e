/** What the pages grow by at least, so that this is seldom. */
const STEP_BYTES = 256 * 1024;

const encoder = new TextEncoder();

/**
 * Bytes that grow in place, in pages of their own. Those go back to the system as soon as this is
 * disposed of, as whoever made it must do: the garbage collector would find them late, and the
 * allocator would keep what it frees.
 */
export class PageBytes implements Disposable {
  readonly #buffer: ArrayBuffer;
  #length = 0;

  /** Room for so many bytes, of which only those take memory that are used. */
  constructor(maxBytes: number) {
    this.#buffer = new ArrayBuffer(0, { maxByteLength: maxBytes });
  }

  get length(): number {
    return this.#length;
  }

  /** Adds bytes. Throws a `RangeError` beyond the most. */
  push(bytes: Uint8Array): void {
    this.#reserve(this.#length + bytes.length);
    new Uint8Array(this.#buffer, this.#length, bytes.length).set(bytes);
    this.#length += bytes.length;
  }

  /** Adds a text as UTF-8; returns how many bytes it has. Throws a `RangeError` beyond the most. */
  pushText(text: string): number {
    this.#reserve(Math.min(this.#length + 3 * text.length, this.#buffer.maxByteLength));
    const { read, written } = encoder.encodeInto(text, new Uint8Array(this.#buffer, this.#length));
    if (read < text.length) throw new RangeError("there is no room for all of the text");
    this.#length += written;
    return written;
  }

  /** A part of it, without a copy: it is gone when this is disposed of. */
  view(start = 0, end = this.#length): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.#buffer, start, end - start);
  }

  [Symbol.dispose](): void {
    this.#length = 0;
    this.#buffer.resize(0);
  }

  #reserve(bytes: number): void {
    const { byteLength, maxByteLength } = this.#buffer;
    if (bytes <= byteLength) return;
    if (bytes > maxByteLength) throw new RangeError(`there is no room for ${bytes} bytes`);
    this.#buffer.resize(Math.min(Math.max(bytes, byteLength + STEP_BYTES), maxByteLength));
  }
}
