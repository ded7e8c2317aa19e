interface Entry<T> {
  readonly value: T;
  /** Where it lies; -1: it has been taken out. */
  at: number;
}

/**
 * Things that come and go all the time, in no order. Where each of them is new, a `Set` or `Map`
 * would do the same but costs far more: V8 links every table that one of them has outgrown to the
 * next, and so keeps what was in it until a full garbage collection.
 */
export class Bag<T> {
  readonly #entries: Entry<T>[] = [];

  get size(): number {
    return this.#entries.length;
  }

  /** Puts something in; gives the function that takes it out. */
  add(value: T): () => void {
    const entry = { value, at: this.#entries.length };
    this.#entries.push(entry);
    return () => this.#remove(entry);
  }

  find(test: (value: T) => boolean): T | undefined {
    return this.#entries.find(({ value }) => test(value))?.value;
  }

  /** Takes out one that passes the test; undefined: none does. */
  take(test: (value: T) => boolean): T | undefined {
    const entry = this.#entries.find(({ value }) => test(value));
    if (entry !== undefined) this.#remove(entry);
    return entry?.value;
  }

  /** What is in it at this moment. */
  values(): T[] {
    return this.#entries.map(({ value }) => value);
  }

  /** The last one takes the place of the one that leaves. */
  #remove(entry: Entry<T>): void {
    if (entry.at < 0) return;
    const last = this.#entries.pop();
    if (last !== undefined && last !== entry) {
      this.#entries[entry.at] = last;
      last.at = entry.at;
    }
    entry.at = -1;
  }
}
