import { type GaveUp, within } from "../shell/within.ts";

/** How many may run at once, how many may wait, and how long. */
export interface LimiterOptions {
  readonly running: number;
  readonly waiting: number;
  readonly waitMs: number;
}

/** A place to run in, given back by `using`. */
export type Permit = Disposable;

/** Why there was no place: the queue is full, it took too long, or the caller went away. */
export type NoPermit = "full" | GaveUp;

/** A bounded number of places, handed out first come, first served. */
export interface Limiter {
  readonly acquire: (signal: AbortSignal) => Promise<Permit | NoPermit>;
  readonly running: number;
  readonly waiting: number;
}

/** Makes a `Limiter`. */
export function createLimiter(options: LimiterOptions): Limiter {
  const queue: (() => void)[] = [];
  let running = 0;

  function takePlace(): Permit {
    let held = true;
    return {
      [Symbol.dispose]() {
        if (!held) return;
        held = false;
        const next = queue.shift();
        if (next === undefined) running--;
        else next();
      },
    };
  }

  async function acquire(signal: AbortSignal): Promise<Permit | NoPermit> {
    if (signal.aborted) return "cancelled";
    if (running < options.running) {
      running++;
      return takePlace();
    }
    if (queue.length >= options.waiting) return "full";
    const turn = Promise.withResolvers<Permit>();
    const onTurn = () => turn.resolve(takePlace());
    queue.push(onTurn);
    const permit = await within(turn.promise, options.waitMs, signal);
    if (typeof permit !== "string") return permit;
    const at = queue.indexOf(onTurn);
    if (at >= 0) queue.splice(at, 1);
    // The place was handed over in the very moment the wait ended: pass it on.
    else (await turn.promise)[Symbol.dispose]();
    return permit;
  }

  return {
    acquire,
    get running() {
      return running;
    },
    get waiting() {
      return queue.length;
    },
  };
}
