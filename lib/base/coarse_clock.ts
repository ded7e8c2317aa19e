import { Bag } from "./bag.ts";
import { type Clock, systemClock } from "./clock.ts";

/** Something to be called back when its time has come. */
interface Wait {
  readonly dueAt: number;
  readonly callback: () => void;
}

/**
 * A clock whose `after` waits share one timer: for waits that seldom come to their end, such as the
 * deadlines of calls, which cost far less to begin and to cancel than a timer each. A wait ends up to
 * `tickMs` late. The timer runs while something waits, and up to `tickMs` longer, or until disposal.
 */
export function createCoarseClock(tickMs: number): Clock & Disposable {
  const waits = new Bag<Wait>();
  let stopTicking: (() => void) | null = null;

  function stop(): void {
    stopTicking?.();
    stopTicking = null;
  }

  function tick(): void {
    if (waits.size === 0) return stop();
    const now = systemClock.now();
    const isDue = ({ dueAt }: Wait) => dueAt <= now;
    for (let wait = waits.take(isDue); wait !== undefined; wait = waits.take(isDue)) {
      wait.callback();
    }
  }

  return {
    ...systemClock,
    after(ms, callback) {
      stopTicking ??= systemClock.every(tickMs, tick);
      return waits.add({ dueAt: systemClock.now() + ms, callback });
    },
    [Symbol.dispose]: stop,
  };
}
