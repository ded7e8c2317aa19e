// @ts-check
/// <reference lib="dom" />

/**
 * Resolves once the page is visible, or `signal` is aborted.
 * @param {AbortSignal} signal
 * @returns {Promise<void>}
 */
export function untilVisible(signal) {
  return new Promise((resolve) => {
    const ending = new AbortController();
    function check() {
      if (document.hidden && !signal.aborted) return;
      ending.abort();
      resolve();
    }
    document.addEventListener("visibilitychange", check, { signal: ending.signal });
    signal.addEventListener("abort", check, { signal: ending.signal });
    check();
  });
}

/**
 * Does something that is given up once the page is hidden, with the signal for that.
 * @template T
 * @param {AbortSignal} signal gives it up, too
 * @param {(signal: AbortSignal) => Promise<T>} act
 * @returns {Promise<T>}
 */
export async function whileVisible(signal, act) {
  const ending = new AbortController();
  const giveUp = () => document.hidden && ending.abort();
  document.addEventListener("visibilitychange", giveUp);
  try {
    return await act(AbortSignal.any([signal, ending.signal]));
  } finally {
    document.removeEventListener("visibilitychange", giveUp);
  }
}
