// @ts-check

/**
 * Pieces of text, of which the first ones are let go of so that the rest is no longer than `limit`
 * characters; `dropped` counts what was let go of.
 * @typedef {{ readonly pieces: readonly string[], readonly length: number, readonly dropped: number }} BoundedText
 */

/** @returns {BoundedText} */
export function emptyText() {
  return { pieces: [], length: 0, dropped: 0 };
}

/**
 * @param {BoundedText} text
 * @param {string} piece
 * @param {number} limit
 * @returns {BoundedText}
 */
export function appendText({ pieces, length, dropped }, piece, limit) {
  const last = piece.slice(Math.max(0, piece.length - limit));
  const kept = [...pieces, last];
  let rest = length + last.length;
  while (rest > limit) rest -= kept.shift()?.length ?? rest;
  return { pieces: kept, length: rest, dropped: dropped + length + piece.length - rest };
}
