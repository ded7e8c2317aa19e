import { Buffer } from "node:buffer";
import type { PageBytes } from "../../base/page_bytes.ts";

/** Characters that are written at once: strings of that size are soon and cheaply garbage. */
const PIECE_CHARS = 32 * 1024;
/** Bytes that are handed out at once. */
const PIECE_BYTES = 64 * 1024;

/** Takes room for bytes; false: there is none. */
export type TakeBytes = (bytes: number) => boolean;

/** JSON text that is written part by part. */
export class JsonText {
  readonly #bytes: PageBytes;
  readonly #take: TakeBytes;

  /** Of `bytes` it adds as many to the end as `take` has room for. */
  constructor(bytes: PageBytes, take: TakeBytes) {
    this.#bytes = bytes;
    this.#take = take;
  }

  /** How many bytes there are. */
  get length(): number {
    return this.#bytes.length;
  }

  /** Adds JSON; false: there is no room. */
  addJson(json: string): boolean {
    for (const piece of piecesIn(json)) {
      if (!this.#add(piece)) return false;
    }
    return true;
  }

  /** Adds a part of what is in a JSON string; false: there is no room. */
  addText(text: string): boolean {
    for (const piece of piecesIn(text)) {
      if (!this.#add(JSON.stringify(piece).slice(1, -1))) return false;
    }
    return true;
  }

  /** What stands between two places, without a copy. */
  pieces(start: number, end: number): readonly Uint8Array[] {
    return Array.from({ length: Math.ceil((end - start) / PIECE_BYTES) }, (_, index) => {
      const at = start + index * PIECE_BYTES;
      return this.#bytes.view(at, Math.min(at + PIECE_BYTES, end));
    });
  }

  #add(json: string): boolean {
    if (!this.#take(Buffer.byteLength(json))) return false;
    this.#bytes.pushText(json);
    return true;
  }
}

function* piecesIn(text: string): Generator<string> {
  for (let start = 0, end = 0; start < text.length; start = end) {
    end = endOfPiece(text, start, PIECE_CHARS);
    yield text.slice(start, end);
  }
}

/** Where a piece ends that begins at `start`: never between the halves of a surrogate pair. */
export function endOfPiece(text: string, start: number, maxChars: number): number {
  const end = start + maxChars;
  if (end >= text.length) return text.length;
  const isHighHalf = (text.charCodeAt(end - 1) & 0xfc00) === 0xd800;
  return isHighHalf ? end - 1 : end;
}
