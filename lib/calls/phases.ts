/** What a call is doing: waiting for a place, reaching the host, or running there. */
export type Phase = "queue" | "connect" | "run";

/** How long a call spent in each phase, in milliseconds; null: it did not get there. */
export type PhaseTimes = Readonly<Record<Phase, number | null>>;

/** Measures the phases of one call; one that is entered again, for ssh after lmcp, adds up. */
export class PhaseTimer {
  readonly #now: () => number;
  readonly #times: Record<Phase, number | null> = { queue: null, connect: null, run: null };
  #current: Phase | null = null;
  #since = 0;

  /** `now` is monotonic, in milliseconds. */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** The call begins a phase, which ends the one before. */
  enter(phase: Phase): void {
    const at = this.#now();
    if (this.#current !== null) {
      this.#times[this.#current] = (this.#times[this.#current] ?? 0) + at - this.#since;
    }
    this.#current = phase;
    this.#since = at;
  }

  /** The times up to now. */
  times(): PhaseTimes {
    if (this.#current !== null) this.enter(this.#current);
    return { ...this.#times };
  }
}
