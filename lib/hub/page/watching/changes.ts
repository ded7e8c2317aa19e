import type { Clock } from "../../../base/time/clock.ts";

/** Between two reports to those who watch. */
const LEAST_MS = 250;
/** What changes at the same time is reported together. */
const GATHER_MS = 25;

/** Reports that something has changed, to those who watch. */
export interface Changes {
  /** Something may have changed. On the hot path of calls: it costs next to nothing. */
  readonly mark: () => void;
  /** Differs from what it was when something has changed. */
  readonly version: () => number;
  /** Calls the listener at most once each 250 ms. Returns the function that ends it. */
  readonly watch: (listener: () => void) => () => void;
}

/** Makes `Changes`. */
export function createChanges(clock: Pick<Clock, "now" | "after">): Changes {
  let version = 0;
  let reportedAt = -Infinity;
  let isDue = false;
  let cancel = () => {};
  let listeners: readonly (() => void)[] = [];

  function report(): void {
    isDue = false;
    reportedAt = clock.now();
    for (const listener of listeners) listener();
  }

  function reportSoon(): void {
    isDue = true;
    cancel = clock.after(Math.max(GATHER_MS, reportedAt + LEAST_MS - clock.now()), report);
  }

  return {
    mark: () => {
      version++;
      if (!isDue && listeners.length > 0) reportSoon();
    },
    version: () => version,
    watch: (listener) => {
      // Not the listener itself, which may be given twice.
      const own = () => listener();
      listeners = [...listeners, own];
      return () => {
        listeners = listeners.filter((other) => other !== own);
        if (listeners.length > 0) return;
        cancel();
        isDue = false;
      };
    },
  };
}
