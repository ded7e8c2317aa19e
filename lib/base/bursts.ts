/** Begun without a pause: a thousand at once would keep the first from seeing their answers. */
const BURST = 50;

/** Does something for each item, all at the same time, and returns the results in the same order. */
export async function inBursts<T, R>(
  items: Iterable<T>,
  begin: (item: T) => Promise<R>,
): Promise<R[]> {
  const results: Promise<R>[] = [];
  for (const item of items) {
    if (results.length % BURST === BURST - 1) await letOthersRun();
    results.push(begin(item));
  }
  return await Promise.all(results);
}

/** A turn of the event loop, in which connections are made and answers read. */
export function letOthersRun(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}

/** A turn of the event loop that takes no longer leaves room for more. */
const CALM_MS = 20;
/** Turns that are waited for, at most. */
const MAX_TURNS = 10;

/** Resolves when the event loop keeps up with what was begun, or after some turns all the same. */
export async function untilCalm(now: () => number = () => performance.now()): Promise<void> {
  for (let turn = 0; turn < MAX_TURNS; turn++) {
    const startedAt = now();
    await letOthersRun();
    if (now() - startedAt <= CALM_MS) return;
  }
}

/** How long work goes on by itself. A turn costs it a millisecond or two. */
const SLICE_MS = 8;
/** After such a time without a step, work begins; no step takes so long. */
const BEGINNING_MS = 200;

/** What long work waits for between its steps: now and then, that is a turn of the event loop. */
export type Pause = () => Promise<void>;

/**
 * Makes a `Pause` that all long work is to share. While there is always something ready to go on,
 * such as a file that is read, the network is hardly looked at: so all work stops for the same turn.
 */
export function createPause(now: () => number = () => performance.now()): Pause {
  let [startedAt, steppedAt] = [-Infinity, -Infinity];
  let turn: Promise<void> | null = null;

  async function takeTurn(): Promise<void> {
    await letOthersRun();
    startedAt = now();
    turn = null;
  }

  return async function pause() {
    const at = now();
    if (at - steppedAt > BEGINNING_MS) startedAt = at;
    steppedAt = at;
    if (turn === null && at - startedAt < SLICE_MS) return;
    turn ??= takeTurn();
    await turn;
  };
}
