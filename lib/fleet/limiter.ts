import type { Clock } from "../base/clock.ts";
import type { GaveUp } from "../base/within.ts";

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
  readonly acquire: (signal: AbortSignal) => Promise<Permit | NoPermit>;
  /** How many may run at once. */
  readonly places: number;
  readonly running: number;
  readonly waiting: number;
}

/** Makes a `Limiter`. */
export function createLimiter(options: LimiterOptions): Limiter {
  const { clock } = options;
  let queue: (() => void)[] = [];
  let running = 0;

  function giveBack(): void {
    const next = queue.shift();
    if (next === undefined) running--;
    else next();
  }

  function wait(signal: AbortSignal): Promise<Permit | NoPermit> {
    const { promise, resolve } = Promise.withResolvers<Permit | NoPermit>();
    const settle = (result: Permit | NoPermit) => {
      cancelTimeout();
      signal.removeEventListener("abort", onGone);
      resolve(result);
    };
    const onTurn = () => settle(new Place(giveBack));
    const giveUp = (why: GaveUp) => {
      queue = queue.filter((other) => other !== onTurn);
      settle(why);
    };
    const onGone = () => giveUp("cancelled");
    const cancelTimeout = clock.after(options.waitMs, () => giveUp("timeout"));
    signal.addEventListener("abort", onGone);
    queue.push(onTurn);
    return promise;
  }

  async function acquire(signal: AbortSignal): Promise<Permit | NoPermit> {
    if (signal.aborted) return "cancelled";
    if (running < options.running) {
      running++;
      return new Place(giveBack);
    }
    return queue.length < options.waiting ? await wait(signal) : "full";
  }

  return {
    acquire,
    places: options.running,
    get running() {
      return running;
    },
    get waiting() {
      return queue.length;
    },
  };
}

class Place implements Permit {
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
