import type { Clock } from "../base/time/clock.ts";
import type { GaveUp } from "../base/time/within.ts";
import { type Claimant, reserveOf, shareOf } from "../calls/claimant.ts";

/** How many may run at once, how many may wait, and how long. */
export interface LimiterOptions {
  readonly running: number;
  readonly waiting: number;
  readonly waitMs: number;
  readonly clock: Clock;
}

/** A place to run in, given back by disposal. */
export type Permit = Disposable;

/** Why there was no place: the queue is full, it took too long, or the caller went away. */
export type NoPermit = "full" | GaveUp;

/** A bounded number of places, handed out first come, first served. */
export interface Limiter {
  /** At once where nothing has to be waited for. */
  readonly acquire: (
    claimant: Claimant,
    signal: AbortSignal,
  ) => Permit | NoPermit | Promise<Permit | NoPermit>;
  /** How many may run at once. */
  readonly places: number;
  readonly running: number;
  readonly waiting: number;
}

interface Waiter {
  readonly claimant: Claimant;
  readonly onTurn: () => void;
}

/** Makes a `Limiter`. */
export function createLimiter(options: LimiterOptions): Limiter {
  return new SharedPlaces(options);
}

/** Nobody who waits could run: a place that becomes free goes to the first who can. */
class SharedPlaces implements Limiter {
  readonly #options: LimiterOptions;
  readonly #held = new Counter();
  #queue: readonly Waiter[] = [];
  #running = 0;

  constructor(options: LimiterOptions) {
    this.#options = options;
  }

  get places(): number {
    return this.#options.running;
  }

  get running(): number {
    return this.#running;
  }

  get waiting(): number {
    return this.#queue.length;
  }

  acquire(
    claimant: Claimant,
    signal: AbortSignal,
  ): Permit | NoPermit | Promise<Permit | NoPermit> {
    if (signal.aborted) return "cancelled";
    if (this.#mayRun(claimant)) return this.#take(claimant);
    return this.#mayWait(claimant) ? this.#wait(claimant, signal) : "full";
  }

  #mayRun({ name, isOperator }: Claimant): boolean {
    if (isOperator) return this.#running < this.places;
    const isReserved = this.#running >= this.places - reserveOf(this.places);
    return !isReserved && this.#held.of(name) < shareOf(this.places);
  }

  #mayWait({ name, isOperator }: Claimant): boolean {
    const { waiting: most } = this.#options;
    if (this.#queue.length >= most) return false;
    const own = () => this.#queue.filter(({ claimant }) => claimant.name === name).length;
    return isOperator || own() < shareOf(most);
  }

  #take(claimant: Claimant): Permit {
    this.#running++;
    if (!claimant.isOperator) this.#held.add(claimant.name, 1);
    return new HeldPlace(() => this.#giveBack(claimant));
  }

  #giveBack(claimant: Claimant): void {
    this.#running--;
    if (!claimant.isOperator) this.#held.add(claimant.name, -1);
    const next = this.#queue.find((waiter) => this.#mayRun(waiter.claimant));
    if (next === undefined) return;
    this.#leaveQueue(next);
    next.onTurn();
  }

  #leaveQueue(waiter: Waiter): void {
    this.#queue = this.#queue.filter((other) => other !== waiter);
  }

  #wait(claimant: Claimant, signal: AbortSignal): Promise<Permit | NoPermit> {
    const { promise, resolve } = Promise.withResolvers<Permit | NoPermit>();
    const settle = (result: Permit | NoPermit) => {
      cancelTimeout();
      signal.removeEventListener("abort", onGone);
      resolve(result);
    };
    const waiter = { claimant, onTurn: () => settle(this.#take(claimant)) };
    const giveUp = (why: GaveUp) => {
      this.#leaveQueue(waiter);
      settle(why);
    };
    const onGone = () => giveUp("cancelled");
    const cancelTimeout = this.#options.clock.after(this.#options.waitMs, () => giveUp("timeout"));
    signal.addEventListener("abort", onGone);
    this.#queue = [...this.#queue, waiter];
    return promise;
  }
}

/** Counts by name; what is at zero takes no room. */
class Counter {
  readonly #counts = new Map<string, number>();

  of(name: string): number {
    return this.#counts.get(name) ?? 0;
  }

  add(name: string, change: number): void {
    const count = this.of(name) + change;
    if (count === 0) this.#counts.delete(name);
    else this.#counts.set(name, count);
  }
}

class HeldPlace implements Permit {
  #giveBack: (() => void) | null;

  constructor(giveBack: () => void) {
    this.#giveBack = giveBack;
  }

  [Symbol.dispose](): void {
    const giveBack = this.#giveBack;
    this.#giveBack = null;
    giveBack?.();
  }
}
