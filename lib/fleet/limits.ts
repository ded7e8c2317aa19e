import { getOrAdd } from "../base/get_or_add.ts";
import { createLimiter, type Limiter, type LimiterOptions } from "./limiter.ts";

/** How much is going on: how many run, and how many wait for a place to. */
export interface Load {
  readonly running: number;
  readonly waiting: number;
}

/** A `Limiter` a host, all alike. */
export interface HostLimits {
  /** The host's own, by its name or address: a reload changes nothing of what runs. */
  readonly of: (name: string) => Limiter;
  /** Over all hosts. */
  readonly load: () => Load;
}

/** Makes a `HostLimits`. */
export function createHostLimits(options: LimiterOptions): HostLimits {
  const limiters = new Map<string, Limiter>();
  const sum = (count: (limiter: Limiter) => number) =>
    [...limiters.values()].reduce((total, limiter) => total + count(limiter), 0);
  return {
    of: (name) => getOrAdd(limiters, name, () => createLimiter(options)),
    load: () => ({
      running: sum(({ running }) => running),
      waiting: sum(({ waiting }) => waiting),
    }),
  };
}
