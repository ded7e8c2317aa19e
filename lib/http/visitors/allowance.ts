import type { Clock } from "../../base/time/clock.ts";

/** How often something may happen. */
export interface AllowanceLimits {
  /** How many times at once. */
  readonly burst: number;
  /** How long it takes until once more. */
  readonly refillMs: number;
}

/** What is left of a number of times that something may happen. */
export class Allowance {
  readonly #limits: AllowanceLimits;
  readonly #now: Clock["now"];
  #left: number;
  #filledAt: number;

  constructor(limits: AllowanceLimits, now: Clock["now"]) {
    this.#limits = limits;
    this.#now = now;
    this.#left = limits.burst;
    this.#filledAt = now();
  }

  /** How long to wait until it may happen; 0: it may now. */
  waitMs(): number {
    this.#fill();
    return Math.ceil(Math.max(0, 1 - this.#left) * this.#limits.refillMs);
  }

  /** It has happened. */
  spend(): void {
    this.#fill();
    this.#left = Math.max(0, this.#left - 1);
  }

  #fill(): void {
    const { burst, refillMs } = this.#limits;
    const now = this.#now();
    this.#left = Math.min(burst, this.#left + (now - this.#filledAt) / refillMs);
    this.#filledAt = now;
  }
}
