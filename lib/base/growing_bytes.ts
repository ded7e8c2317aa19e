import { PageBytes } from "./page_bytes.ts";

/** What is longer has pages of its own. */
const SHORT_BYTES = 64 * 1024;

/** Bytes that are collected; whoever makes them disposes of them. Most are few. */
export class GrowingBytes implements Disposable {
  readonly #maxBytes: number;
  #short = new Uint8Array(0);
  #pages: PageBytes | null = null;
  #length = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  get length(): number {
    return this.#length;
  }

  /** Adds bytes. Throws a `RangeError` beyond the most. */
  push(bytes: Uint8Array): void {
    const length = this.#length + bytes.length;
    if (length > this.#maxBytes) throw new RangeError(`more than ${this.#maxBytes} bytes`);
    if (length > SHORT_BYTES) this.#inPages().push(bytes);
    else this.#inShort(length).set(bytes, this.#length);
    this.#length = length;
  }

  /** All of them, without a copy: gone when more are added, or this is cleared or disposed of. */
  view(): Uint8Array {
    return this.#pages?.view() ?? this.#short.subarray(0, this.#length);
  }

  /** Drops all of them. */
  clear(): void {
    this.#pages?.[Symbol.dispose]();
    this.#pages = null;
    this.#length = 0;
  }

  [Symbol.dispose](): void {
    this.clear();
  }

  #inShort(length: number): Uint8Array {
    if (length > this.#short.length) {
      const size = Math.min(Math.max(length, 2 * this.#short.length), SHORT_BYTES);
      this.#short = new Uint8Array(this.#short.buffer.transfer(size));
    }
    return this.#short;
  }

  #inPages(): PageBytes {
    if (this.#pages === null) {
      this.#pages = new PageBytes(this.#maxBytes);
      this.#pages.push(this.#short.subarray(0, this.#length));
    }
    return this.#pages;
  }
}
