import type { Clock } from "../base/time/clock.ts";

/** Between two checks of the files. */
const CHECK_MS = 500;
/** Files that have changed must then stay as they are for so long: their writer may not be done. */
const SETTLE_MS = 1_000;

/** What `watchConfiguration()` watches, and what it does then. */
export interface WatchOptions {
  /** A text that stays the same while the files stay as they are; null: nothing has changed. */
  readonly findChange: () => Promise<string | null>;
  readonly reload: () => Promise<void>;
  /** Subscribes to requests to reload at once; returns the function that unsubscribes. */
  readonly onReload: (listener: () => void) => () => void;
  readonly clock: Pick<Clock, "after">;
  /** Ends the watch. */
  readonly signal: AbortSignal;
}

/** Reloads when files change and when asked to, one reload at a time, until `signal` aborts. */
export async function watchConfiguration(options: WatchOptions): Promise<void> {
  const { findChange, reload, clock, signal } = options;
  let isAsked = false;
  let wake = () => {};

  function pause(ms: number): Promise<void> {
    if (isAsked || signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const cancel = clock.after(ms, resolve);
      wake = () => {
        cancel();
        resolve();
      };
    });
  }

  /** Whether files have changed and then stayed as they are for a while, or a reload is asked for. */
  async function haveSettled(): Promise<boolean> {
    for (let change = await findChange(); change !== null && !isAsked && !signal.aborted;) {
      await pause(SETTLE_MS);
      const later = await findChange();
      if (later === change) return true;
      change = later;
    }
    return isAsked;
  }

  signal.addEventListener("abort", () => wake(), { once: true });
  const unsubscribe = options.onReload(() => {
    isAsked = true;
    wake();
  });
  while (!signal.aborted) {
    await pause(CHECK_MS);
    if (!isAsked && !await haveSettled()) continue;
    if (signal.aborted) break;
    isAsked = false;
    await reload();
  }
  unsubscribe();
}
