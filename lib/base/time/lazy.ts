/** Something that is opened when it is first needed, once for all who need it. */
export class Lazy<T> {
  readonly #open: () => Promise<T>;
  #opening: Promise<T> | null = null;

  constructor(open: () => Promise<T>) {
    this.#open = open;
  }

  /** Opens it, unless it is open. Rejects where it cannot be; the next call then tries again. */
  get(): Promise<T> {
    return this.#opening ??= this.#open().catch((error) => {
      // Such as too many open files, which passes.
      this.#opening = null;
      throw error;
    });
  }

  /** What was opened; null: nothing was, or it could not be. */
  async opened(): Promise<T | null> {
    return await this.#opening?.catch(() => null) ?? null;
  }
}
