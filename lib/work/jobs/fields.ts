const NUL = 0;

/** Reads what a script wrote: fields, each ended by a NUL character, and perhaps bytes behind them. */
export class FieldReader {
  #rest: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.#rest = bytes;
  }

  /** The bytes that no field was read from. */
  get rest(): Uint8Array {
    return this.#rest;
  }

  /** The next fields; fewer where there are no more. What is no UTF-8 in them is U+FFFD. */
  take(count: number): readonly string[] {
    const fields: string[] = [];
    while (fields.length < count) {
      const end = this.#rest.indexOf(NUL);
      if (end < 0) break;
      fields.push(
        new TextDecoder("utf-8", { ignoreBOM: true }).decode(this.#rest.subarray(0, end)),
      );
      this.#rest = this.#rest.subarray(end + 1);
    }
    return fields;
  }
}

/** A whole number that a script wrote; null: it wrote none. */
export function readNumber(text: string | undefined): number | null {
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : null;
}
