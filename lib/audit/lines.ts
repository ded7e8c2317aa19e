import { concat } from "../base/bytes.ts";
import { readContents } from "./contents.ts";

/** A line of a file, without its line break. */
export interface RawLine {
  /** Null: it is longer than is kept. */
  readonly bytes: Uint8Array | null;
  /** Whether a line break is behind it. */
  readonly isEnded: boolean;
}

/** No line of the audit trail is longer. */
export const MAX_LINE_BYTES = 16 * 1024 * 1024;
const LINE_BREAK = 10;

/** The lines of a file, compressed or not, in bounded memory. Rejects as `readContents()` does. */
export async function* readRawLines(path: string): AsyncGenerator<RawLine> {
  const line = new GrowingLine();
  for await (const chunk of readContents(path)) {
    let start = 0;
    for (;;) {
      const end = chunk.indexOf(LINE_BREAK, start);
      if (end < 0) break;
      yield { bytes: line.end(chunk.subarray(start, end)), isEnded: true };
      start = end + 1;
    }
    line.add(chunk.subarray(start));
  }
  if (line.length > 0) yield { bytes: line.end(new Uint8Array()), isEnded: false };
}

/** A line that comes in parts. */
class GrowingLine {
  length = 0;
  #parts: Uint8Array[] = [];

  add(part: Uint8Array): void {
    if (part.length === 0) return;
    this.length += part.length;
    if (this.length > MAX_LINE_BYTES) this.#parts = [];
    else this.#parts.push(part);
  }

  end(part: Uint8Array): Uint8Array | null {
    if (this.length === 0) return part;
    this.add(part);
    const { length } = this;
    const line = length > MAX_LINE_BYTES ? null : concat(this.#parts, length);
    this.length = 0;
    this.#parts = [];
    return line;
  }
}
