/** Time, so that tests can hold it still. Both timers return the function that cancels them. */
export interface Clock {
  /** Monotonic milliseconds; only differences mean anything. */
  readonly now: () => number;
  /** Milliseconds since 1970, for what is shown: it may be set back and forth. */
  readonly wall: () => number;
  /** Calls back once, after `ms`. */
  readonly after: (ms: number, callback: () => void) => () => void;
  /** Calls back every `ms` until cancelled. */
  readonly every: (ms: number, callback: () => void) => () => void;
}

/** The clock of the machine. */
export const systemClock: Clock = {
  now: () => performance.now(),
  wall: () => Date.now(),
  after(ms, callback) {
    const timer = setTimeout(callback, ms);
    return () => clearTimeout(timer);
  },
  every(ms, callback) {
    const timer = setInterval(callback, ms);
    return () => clearInterval(timer);
  },
};
