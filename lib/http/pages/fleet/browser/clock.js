// @ts-check
/// <reference lib="dom" />
import { livingText } from "../views/words/times.js";

/** @import { Way } from "../views/words/times.js" */

/** @typedef {ReturnType<typeof createClock>} HubClock */

/**
 * The hub's clock, which this machine's may differ from, and all that is written by it.
 * @param {number} hubNow what it shows now
 */
export function createClock(hubNow) {
  let offset = hubNow - performance.now();
  /** @type {Set<() => void>} */
  const followers = new Set();
  const now = () => performance.now() + offset;

  function tick() {
    for (const write of followers) write();
  }

  /**
   * Writes into an element how long ago something was, again whenever that changes.
   * @param {unknown} element
   * @param {number} at
   * @param {Way} way
   */
  function follow(element, at, way) {
    const node = element instanceof Element ? element.firstChild : null;
    if (!(node instanceof Text)) return () => {};
    const text = node;
    function write() {
      const words = livingText(way, now() - at);
      if (text.data !== words) text.data = words;
    }
    write();
    followers.add(write);
    return () => {
      followers.delete(write);
    };
  }

  return {
    now,
    /** @param {number} hubNow what the hub said just now */
    set(hubNow) {
      offset = hubNow - performance.now();
    },
    follow,
    /** Lets everything tick from now on. */
    start: () => setInterval(tick, 1000),
  };
}
