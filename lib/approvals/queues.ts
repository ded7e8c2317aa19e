/** Has work of the same name done one after the other. */
export class Queues {
  readonly #last = new Map<string, Promise<unknown>>();

  /** Resolves and rejects as the work does. */
  async next<T>(name: string, work: () => Promise<T>): Promise<T> {
    const before = this.#last.get(name) ?? Promise.resolve();
    const done = before.then(work);
    const ended = done.catch(() => {});
    this.#last.set(name, ended);
    try {
      return await done;
    } finally {
      if (this.#last.get(name) === ended) this.#last.delete(name);
    }
  }
}
