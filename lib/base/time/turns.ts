import { type Clock, systemClock } from "./clock.ts";

/** Lets long computations run side by side: one at a time, for a moment, with other work in between. */
export interface Turns {
  /** Resolves when it is the caller's turn. Rejects with the reason of `signal`. */
  readonly next: (signal: AbortSignal) => Promise<void>;
  /** Whether the present turn has lasted long enough. */
  readonly isOver: () => boolean;
}

/** Makes `Turns` of so many milliseconds, with as many for other work between two of them. */
export function createTurns(turnMs: number, { now }: Pick<Clock, "now"> = systemClock): Turns {
  const waiting: (() => void)[] = [];
  let endsAt = 0;

  function startTurn() {
    endsAt = now() + turnMs;
    waiting.shift()?.();
    if (waiting.length > 0) setTimeout(pause, 0);
  }

  // The first timer is due when the turn has ended. Other work takes several rounds of the event loop.
  function pause() {
    setTimeout(startTurn, turnMs);
  }

  return {
    async next(signal) {
      const { promise, resolve } = Promise.withResolvers<void>();
      waiting.push(resolve);
      if (waiting.length === 1) setTimeout(startTurn, 0);
      await promise;
      signal.throwIfAborted();
    },
    isOver: () => now() >= endsAt,
  };
}
