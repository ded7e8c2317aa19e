import type { Answer } from "../../mcp/answer.ts";
import type { Bytes } from "../../nats/frames.ts";

const NO_BYTES = new Uint8Array(0);

/** The bytes of an answer, of which pieces are read in any order; none, if no answer is due. */
export class AnswerBytes implements Disposable {
  readonly #answer: Answer | null;
  #parts: readonly Bytes[];
  readonly length: number;

  constructor(answer: Answer | null) {
    this.#answer = answer;
    this.#parts = answer === null ? [] : [new TextEncoder().encode(answer.text), ...answer.rest];
    this.length = this.#parts.reduce((sum, part) => sum + part.length, 0);
  }

  /** A copy of at most so many bytes from there; empty: it has ended. */
  read(at: number, maxBytes: number): Bytes {
    const size = Math.min(maxBytes, this.length - at);
    if (size <= 0) return NO_BYTES;
    const [first] = this.#parts;
    if (at === 0 && first?.length === size) return first;
    const piece = new Uint8Array(size);
    let partAt = 0;
    for (const part of this.#parts) {
      const from = Math.max(at, partAt);
      const to = Math.min(at + size, partAt + part.length);
      if (from < to) piece.set(part.subarray(from - partAt, to - partAt), from - at);
      partAt += part.length;
      if (partAt >= at + size) break;
    }
    return piece;
  }

  /** Gives back what the answer holds, and its call's place. */
  [Symbol.dispose](): void {
    this.#parts = [];
    this.#answer?.leave();
  }
}
