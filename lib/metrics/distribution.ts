/** Upper bounds in seconds; a call may take milliseconds, or as long as its own timeout. */
const BOUNDS = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 120, 600];

/** How many durations are not above a bound, in seconds. */
export interface Cumulated {
  readonly bound: number;
  readonly count: number;
}

/** How durations spread, as a Prometheus histogram tells it. */
export class Distribution {
  /** For each bound the durations up to it and above the one before; last, those above all. */
  readonly #counts = [...BOUNDS, Infinity].map(() => 0);
  #sum = 0;

  /** Adds a duration in seconds. */
  add(seconds: number): void {
    const at = BOUNDS.findIndex((bound) => seconds <= bound);
    const bucket = at < 0 ? BOUNDS.length : at;
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + 1;
    this.#sum += seconds;
  }

  /** Of all durations, in seconds. */
  get sum(): number {
    return this.#sum;
  }

  /** A count for each bound, and for infinity, which all durations are below. */
  cumulate(): Cumulated[] {
    let count = 0;
    return [...BOUNDS, Infinity].map((bound, at) => {
      count += this.#counts[at] ?? 0;
      return { bound, count };
    });
  }
}
