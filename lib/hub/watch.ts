import type { Clock } from "../base/clock.ts";

/** Between two looks at the files. */
const LOOK_MS = 1_000;
/** A file that has changed is left alone for so long, since its writer may not be done. */
const SETTLE_MS = 200;

/** What `watchConfiguration()` needs. */
export interface WatchOptions {
  readonly haveFilesChanged: () => Promise<boolean>;
  readonly reload: () => Promise<void>;
  /** Subscribes to requests to reload at once; returns the function that unsubscribes. */
  readonly onReload: (listener: () => void) => () => void;
  readonly clock: Pick<Clock, "after">;
  /** Ends the watch. */
  readonly signal: AbortSignal;
}

/** Reloads when files change and when asked to, one reload at a time, until `signal` aborts. */
export async function watchConfiguration(options: WatchOptions): Promise<void> {
  const { haveFilesChanged, reload, clock, signal } = options;
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

  signal.addEventListener("abort", () => wake(), { once: true });
  const unsubscribe = options.onReload(() => {
    isAsked = true;
    wake();
  });
  while (!signal.aborted) {
    await pause(LOOK_MS);
    if (!isAsked && await haveFilesChanged()) {
      await pause(SETTLE_MS);
      isAsked = true;
    }
    if (!isAsked || signal.aborted) continue;
    isAsked = false;
    await reload();
  }
  unsubscribe();
}
