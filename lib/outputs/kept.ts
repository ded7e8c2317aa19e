import { Buffer } from "node:buffer";
import { PageBytes } from "../base/page_bytes.ts";
import { endOfPiece } from "../mcp/json/text.ts";

/** A longer answer has pages of its own. */
const SHORT_BYTES = 64 * 1024;
/** Characters that are written at once. */
const STEP_CHARS = 64 * 1024;

/** An answer while it is read: its bytes stay until this is disposed of. */
export interface ReadAnswer extends Disposable {
  /** UTF-8. */
  readonly bytes: Uint8Array;
}

/** An answer that is kept. A long one is given back to the system once it is dropped and not read. */
export class KeptAnswer {
  readonly kind = "ended";
  readonly isError: boolean;
  readonly #pages: PageBytes | null;
  readonly #bytes: Uint8Array;
  #readers = 0;
  #isDropped = false;

  constructor(text: string, { isError }: { readonly isError: boolean }) {
    this.isError = isError;
    const size = Buffer.byteLength(text);
    this.#pages = size > SHORT_BYTES ? toPages(text, size) : null;
    this.#bytes = this.#pages?.view() ?? new TextEncoder().encode(text);
  }

  /** Its size as UTF-8. */
  get length(): number {
    return this.#bytes.length;
  }

  read(): ReadAnswer {
    this.#readers++;
    return {
      bytes: this.#bytes,
      [Symbol.dispose]: () => {
        this.#readers--;
        this.#free();
      },
    };
  }

  /** Nobody will begin to read it any more. */
  drop(): void {
    this.#isDropped = true;
    this.#free();
  }

  #free(): void {
    if (this.#isDropped && this.#readers === 0) this.#pages?.[Symbol.dispose]();
  }
}

function toPages(text: string, size: number): PageBytes {
  const pages = new PageBytes(size);
  for (let start = 0, end = 0; start < text.length; start = end) {
    end = endOfPiece(text, start, STEP_CHARS);
    pages.pushText(text.slice(start, end));
  }
  return pages;
}
