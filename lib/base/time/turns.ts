import { getOrAdd } from "../get_or_add.ts";
import { type Clock, systemClock } from "./clock.ts";

/** Lets long computations run side by side: one at a time, for a moment, with other work in between. */
export interface Turns {
  /** Resolves when it is the caller's turn. Rejects with the reason of `signal`. */
  readonly next: (signal: AbortSignal) => Promise<void>;
  /** Whether the present turn has lasted long enough. */
  readonly isOver: () => boolean;
}

/** Makes `Turns` of so many milliseconds, with as many for other work between two of them. */
export function createTurns(turnMs: number, clock: Pick<Clock, "now"> = systemClock): Turns {
  return createSharedTurns(turnMs, clock)("");
}

/**
 * Makes the function that returns the `Turns` of whoever is named: those who wait have their turns one
 * after the other, however much each of them has to compute.
 */
export function createSharedTurns(
  turnMs: number,
  { now }: Pick<Clock, "now"> = systemClock,
): (name: string) => Turns {
  /** Whoever's turn is next comes first. */
  const waiting = new Map<string, (() => void)[]>();
  let endsAt = 0;

  function startTurn() {
    endsAt = now() + turnMs;
    const [next] = waiting;
    if (next === undefined) return;
    const [name, [first, ...others]] = next;
    waiting.delete(name);
    if (others.length > 0) waiting.set(name, others);
    first?.();
    if (waiting.size > 0) setTimeout(pause, 0);
  }

  // The first timer is due when the turn has ended. Other work takes several rounds of the event loop.
  function pause() {
    setTimeout(startTurn, turnMs);
  }

  return (name) => ({
    async next(signal) {
      const { promise, resolve } = Promise.withResolvers<void>();
      if (waiting.size === 0) setTimeout(startTurn, 0);
      getOrAdd(waiting, name, () => []).push(resolve);
      await promise;
      signal.throwIfAborted();
    },
    isOver: () => now() >= endsAt,
  });
}
