import { Buffer } from "node:buffer";
import { createFinder } from "./find_bytes.ts";

const NOTHING = new Uint8Array(0);

/** What one `push()` of a `MarkerScanner` found. */
export interface MarkerScan {
  /** Bytes that certainly lie before the marker. Valid until the caller's chunk is reused. */
  readonly before: Uint8Array;
  /** Bytes behind the marker; null while it has not come. */
  readonly after: Uint8Array | null;
}

/**
 * Finds one marker in a stream of chunks, wherever the chunks are cut. Holds back only bytes that
 * may be the marker's beginning.
 */
export class MarkerScanner {
  readonly #marker: Buffer;
  readonly #find: (bytes: Uint8Array) => number;
  #held: Uint8Array = NOTHING;

  constructor(marker: string) {
    this.#marker = Buffer.from(marker);
    this.#find = createFinder(this.#marker);
  }

  push(chunk: Uint8Array): MarkerScan {
    const bytes = this.#held.length === 0 ? view(chunk) : Buffer.concat([this.#held, chunk]);
    const at = this.#find(bytes);
    if (at >= 0) {
      this.#held = NOTHING;
      return { before: bytes.subarray(0, at), after: bytes.subarray(at + this.#marker.length) };
    }
    const keep = this.#possibleStart(bytes);
    // A copy, since the chunk is reused.
    this.#held = new Uint8Array(bytes.subarray(keep));
    return { before: bytes.subarray(0, keep), after: null };
  }

  /** The bytes held back, for a stream that ended without the marker. */
  flush(): Uint8Array {
    const held = this.#held;
    this.#held = NOTHING;
    return held;
  }

  /** Index of the longest end of `bytes` that is a beginning of the marker. */
  #possibleStart(bytes: Buffer): number {
    const longest = Math.min(bytes.length, this.#marker.length - 1);
    for (let length = longest; length > 0; length--) {
      const start = bytes.length - length;
      if (bytes.compare(this.#marker, 0, length, start) === 0) return start;
    }
    return bytes.length;
  }
}

function view(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
