import { Buffer } from "node:buffer";
import { createFinder } from "./find_bytes.ts";

const NOTHING = new Uint8Array(0);

/** What one `push()` of a `MarkerScanner` found. */
export interface MarkerScan {
  /** Bytes that certainly lie before a marker. Valid until the caller's chunk is reused. */
  readonly before: Uint8Array;
  /** The first marker in the stream; null while none has come. */
  readonly found: {
    /** Its place in the list of markers. */
    readonly index: number;
    /** Bytes behind it. */
    readonly after: Uint8Array;
  } | null;
}

/** A marker, and where it was found. */
interface Hit {
  readonly index: number;
  readonly start: number;
  readonly end: number;
}

/**
 * Finds the first of some markers in a stream of chunks, wherever the chunks are cut. Holds back
 * only bytes that may be a marker's beginning. No marker may begin another one.
 */
export class MarkerScanner {
  readonly #markers: readonly {
    readonly bytes: Buffer;
    readonly find: (bytes: Uint8Array) => number;
  }[];
  #held: Uint8Array = NOTHING;

  constructor(markers: readonly string[]) {
    this.#markers = markers.map((marker) => {
      const bytes = Buffer.from(marker);
      return { bytes, find: createFinder(bytes) };
    });
  }

  push(chunk: Uint8Array): MarkerScan {
    const bytes = this.#held.length === 0 ? view(chunk) : Buffer.concat([this.#held, chunk]);
    const hit = this.#findFirst(bytes);
    if (hit !== null) {
      this.#held = NOTHING;
      const after = bytes.subarray(hit.end);
      return { before: bytes.subarray(0, hit.start), found: { index: hit.index, after } };
    }
    const keep = Math.min(...this.#markers.map((marker) => possibleStart(bytes, marker.bytes)));
    // A copy, since the chunk is reused.
    this.#held = new Uint8Array(bytes.subarray(keep));
    return { before: bytes.subarray(0, keep), found: null };
  }

  /** The bytes held back, for a stream that ended without a marker. */
  flush(): Uint8Array {
    const held = this.#held;
    this.#held = NOTHING;
    return held;
  }

  #findFirst(bytes: Buffer): Hit | null {
    let first: Hit | null = null;
    for (const [index, marker] of this.#markers.entries()) {
      const start = marker.find(bytes);
      if (start < 0 || (first !== null && first.start < start)) continue;
      first = { index, start, end: start + marker.bytes.length };
    }
    return first;
  }
}

/** Index of the longest end of `bytes` that is a beginning of the marker. */
function possibleStart(bytes: Buffer, marker: Buffer): number {
  const longest = Math.min(bytes.length, marker.length - 1);
  for (let length = longest; length > 0; length--) {
    const start = bytes.length - length;
    if (bytes.compare(marker, 0, length, start) === 0) return start;
  }
  return bytes.length;
}

function view(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
