// @ts-check

const FIRST_MS = 1000;
/** Somebody waits: the page connects only while it is seen. */
const LAST_MS = 5000;

/**
 * How long to wait before each attempt: longer each time, and never the same for all pages of a hub
 * that starts again.
 * @param {() => number} random from 0 to 1
 */
export function createRetries(random) {
  let most = FIRST_MS;
  return {
    next() {
      const ms = most * (0.5 + random() / 2);
      most = Math.min(2 * most, LAST_MS);
      return ms;
    },
    /** The last attempt has succeeded. */
    reset() {
      most = FIRST_MS;
    },
  };
}
