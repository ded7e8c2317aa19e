// @ts-check

/**
 * "1,204"
 * @param {number} count
 * @returns {string}
 */
export function countText(count) {
  return String(count).replace(/\B(?=(\d{3})+(?!\d))/g, ",");
}

/**
 * "1 host", "1,204 hosts"
 * @param {number} count
 * @param {string} noun
 * @returns {string}
 */
export function countOf(count, noun) {
  return `${countText(count)} ${noun}${count === 1 ? "" : "s"}`;
}

/**
 * The middle one of some numbers, the lower one of two in the middle; null: there are none.
 * @param {readonly number[]} values
 * @returns {number | null}
 */
export function medianOf(values) {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? null;
}
