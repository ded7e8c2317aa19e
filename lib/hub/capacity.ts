import type { Clock } from "../base/time/clock.ts";
import { countFreeDescriptors } from "../base/descriptors.ts";
import type { Logger } from "../base/log.ts";

/** Tool calls that may run at once where descriptors are no bound. */
const MAX_CALLS = 1_024;
/** Descriptors that are needed for those: a call takes a connection, and up to three pipes. */
const ENOUGH = 4 * MAX_CALLS;
/** What is left for all that is no call. */
const OTHERS = 64;
/** The first answers come before the count, which takes some 50 ms. */
const COUNT_AFTER_MS = 1_000;

/** How much a program may do at once. */
export interface Capacity extends Disposable {
  /** Tool calls. */
  readonly maxCalls: () => number;
  /** Whether descriptors are a bound. */
  readonly isShort: () => boolean;
}

/** Options of `createCapacity()`. */
export interface CapacityOptions {
  readonly log: Pick<Logger, "warn">;
  readonly clock: Pick<Clock, "after">;
  /** How many descriptors can be opened, up to a number; default: it tries. */
  readonly countFree?: (most: number) => number;
}

/**
 * Learns, a second from now, how many descriptors the process may use, and bounds the calls by that:
 * without one no connection is accepted, nor made. Warns where they are few.
 */
export function createCapacity(options: CapacityOptions): Capacity {
  const { log, clock, countFree = countFreeDescriptors } = options;
  let maxCalls = MAX_CALLS;
  let cancel = clock.after(COUNT_AFTER_MS, () => count(ENOUGH / 16));

  /** Twice as many each time: all at once would keep the event loop waiting. */
  function count(most: number): void {
    const free = countFree(most);
    if (free < most) return adapt(free);
    if (most < ENOUGH) cancel = clock.after(0, () => count(2 * most));
  }

  function adapt(free: number): void {
    maxCalls = Math.max(1, Math.floor((free - OTHERS) / 4));
    const advice = "raise the limit of open files to 8192 (ulimit -n, or LimitNOFILE in a unit)";
    log.warn(`few files and connections can be open at once: ${advice}`, { free, maxCalls });
  }

  return {
    maxCalls: () => maxCalls,
    isShort: () => maxCalls < MAX_CALLS,
    [Symbol.dispose]: () => cancel(),
  };
}
