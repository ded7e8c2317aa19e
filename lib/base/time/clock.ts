/** Time, so that tests can hold it still. Both timers return the function that cancels them. */
export interface Clock {
  /** Monotonic milliseconds; only differences mean anything. */
  readonly now: () => number;
  /** Milliseconds since 1970, for what is shown: it may be set back and forth. */
  readonly wall: () => number;
  /**
   * Calls back once, after `ms`. One that comes much too late, since something kept the event loop
   * busy, first lets it read what has arrived by then: a host that answered in time is not blamed.
   */
  readonly after: (ms: number, callback: () => void) => () => void;
  /** Calls back every `ms` until cancelled. */
  readonly every: (ms: number, callback: () => void) => () => void;
}

/** A timer that is so late shows that the event loop had no turn in between. */
export const LATE_MS = 50;

/** The clock of the machine. */
export const systemClock: Clock = {
  now: () => performance.now(),
  wall: () => Date.now(),
  after(ms, callback) {
    const dueAt = performance.now() + ms;
    let timer = setTimeout(() => {
      if (performance.now() - dueAt < LATE_MS) callback();
      else timer = setTimeout(callback, 0);
    }, ms);
    return () => clearTimeout(timer);
  },
  every(ms, callback) {
    const timer = setInterval(callback, ms);
    return () => clearInterval(timer);
  },
};
