/** Most that may wait in a lane. */
const MAX_WAITING = 64;

/** Does one thing after the other, each behind a pause. */
export class Lane {
  readonly #pause: () => Promise<void>;
  #waiting = 0;
  #last: Promise<unknown> = Promise.resolve();

  constructor(pause: () => Promise<void>) {
    this.#pause = pause;
  }

  /** Resolves with what `work` does in its turn; null: too many are waiting. */
  run<T>(work: () => Promise<T>): Promise<T> | null {
    if (this.#waiting >= MAX_WAITING) return null;
    this.#waiting++;
    const turn = this.#last.then(this.#pause).then(work).finally(() => this.#waiting--);
    this.#last = turn.catch(() => {});
    return turn;
  }
}
