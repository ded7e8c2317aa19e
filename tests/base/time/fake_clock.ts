import type { Clock } from "../../../lib/base/time/clock.ts";

/** A clock that stands still until it is advanced. */
export interface FakeClock extends Clock {
  /** Runs every timer that falls due within `ms`, in order. */
  readonly advance: (ms: number) => void;
  /** Timers that were neither cancelled nor, if they fire once, fired. */
  readonly pending: () => number;
  /** Sets the wall clock, as an administrator may. */
  readonly setWall: (ms: number) => void;
}

interface Timer {
  due: number;
  readonly everyMs: number | null;
  readonly callback: () => void;
}

/** A clock at 0 ms. */
export function createFakeClock(): FakeClock {
  const timers = new Set<Timer>();
  let now = 0;
  let wallOffset = 1_700_000_000_000;

  function add(timer: Timer): () => void {
    timers.add(timer);
    return () => void timers.delete(timer);
  }

  function advance(ms: number): void {
    const until = now + ms;
    for (;;) {
      const [next] = [...timers].filter(({ due }) => due <= until).sort((a, b) => a.due - b.due);
      if (!next) break;
      now = next.due;
      if (next.everyMs === null) timers.delete(next);
      else next.due += next.everyMs;
      next.callback();
    }
    now = until;
  }

  return {
    now: () => now,
    wall: () => now + wallOffset,
    after: (ms, callback) => add({ due: now + ms, everyMs: null, callback }),
    every: (ms, callback) => add({ due: now + ms, everyMs: ms, callback }),
    advance,
    pending: () => timers.size,
    setWall: (ms) => wallOffset = ms - now,
  };
}
