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

/** Makes a `Limiter`. Nobody who waits could run: a place that becomes free goes to the first who can. */
export function createLimiter(
  { running: places, waiting, waitMs, clock }: LimiterOptions,
): Limiter {
  const held = new Counter();
  let queue: Waiter[] = [];
  let running = 0;

  function mayRun({ name, isOperator }: Claimant): boolean {
    if (isOperator) return running < places;
    return running < places - reserveOf(places) && held.of(name) < shareOf(places);
  }

  function mayWait({ name, isOperator }: Claimant): boolean {
    if (queue.length >= waiting) return false;
    const own = () => queue.filter(({ claimant }) => claimant.name === name).length;
    return isOperator || own() < shareOf(waiting);
  }

  function take(claimant: Claimant): Permit {
    running++;
    if (!claimant.isOperator) held.add(claimant.name, 1);
    return new HeldPlace(() => giveBack(claimant));
  }

  function giveBack(claimant: Claimant): void {
    running--;
    if (!claimant.isOperator) held.add(claimant.name, -1);
    const next = queue.find((waiter) => mayRun(waiter.claimant));
    if (next === undefined) return;
    queue = queue.filter((waiter) => waiter !== next);
    next.onTurn();
  }

  function wait(claimant: Claimant, signal: AbortSignal): Promise<Permit | NoPermit> {
    const { promise, resolve } = Promise.withResolvers<Permit | NoPermit>();
    const settle = (result: Permit | NoPermit) => {
      cancelTimeout();
      signal.removeEventListener("abort", onGone);
      resolve(result);
    };
    const waiter = { claimant, onTurn: () => settle(take(claimant)) };
    const giveUp = (why: GaveUp) => {
      queue = queue.filter((other) => other !== waiter);
      settle(why);
    };
    const onGone = () => giveUp("cancelled");
    const cancelTimeout = clock.after(waitMs, () => giveUp("timeout"));
    signal.addEventListener("abort", onGone);
    queue.push(waiter);
    return promise;
  }

  function acquire(
    claimant: Claimant,
    signal: AbortSignal,
  ): Permit | NoPermit | Promise<Permit | NoPermit> {
    if (signal.aborted) return "cancelled";
    if (mayRun(claimant)) return take(claimant);
    return mayWait(claimant) ? wait(claimant, signal) : "full";
  }

  return {
    acquire,
    places,
    get running() {
      return running;
    },
    get waiting() {
      return queue.length;
    },
  };
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
