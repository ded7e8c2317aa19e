import { getOrAdd } from "../base/get_or_add.ts";
import { createLimiter, type Limiter, type LimiterOptions } from "./limiter.ts";

/** How much is going on: how many run, and how many wait for a place to. */
export interface Load {
  readonly running: number;
  readonly waiting: number;
}

/** The load of several limiters together. */
export function sumLoads(loads: Iterable<Load>): Load {
  let [running, waiting] = [0, 0];
  for (const load of loads) {
    running += load.running;
    waiting += load.waiting;
  }
  return { running, waiting };
}

/** A `Limiter` for each key, all alike. */
export interface Limits {
  readonly of: (key: string) => Limiter;
  /** Over all keys. */
  readonly load: () => Load;
}

/** Makes a `Limits`. */
export function createLimits(options: LimiterOptions): Limits {
  const limiters = new Map<string, Limiter>();
  return {
    of: (key) => getOrAdd(limiters, key, () => createLimiter(options)),
    load: () => sumLoads(limiters.values()),
  };
}
