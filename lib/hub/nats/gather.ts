import type { Clock } from "../../base/time/clock.ts";

/** What changes within this time is taken together: all agents answer a hub that has just started. */
const GATHER_MS = 700;
/** The longest time between two changes that are acted upon. */
const MAX_GATHER_MS = 10_000;

/** Changes that are acted upon together. */
export interface Gathering {
  /** There is a change. */
  readonly mark: () => void;
  readonly close: () => void;
}

/**
 * Acts upon changes soon, but one time after the other, and more and more seldom as long as there are
 * ever more: each agent can make as many as it likes.
 */
export function gatherChanges(
  act: () => Promise<void>,
  clock: Pick<Clock, "now" | "after">,
): Gathering {
  let waitMs = GATHER_MS;
  let endedAt = -Infinity;
  let cancel: (() => void) | null = null;
  let isActing = false;
  let isMarked = false;

  function mark(): void {
    isMarked = true;
    if (isActing || cancel !== null) return;
    const isQuiet = clock.now() - endedAt >= MAX_GATHER_MS;
    waitMs = isQuiet ? GATHER_MS : Math.min(2 * waitMs, MAX_GATHER_MS);
    cancel = clock.after(waitMs, () => {
      cancel = null;
      isActing = true;
      isMarked = false;
      act().then(end, end);
    });
  }

  function end(): void {
    isActing = false;
    endedAt = clock.now();
    if (isMarked) mark();
  }

  return {
    mark,
    close: () => {
      cancel?.();
      // What goes on begins nothing more.
      cancel = () => {};
    },
  };
}
