// @ts-check

/** @typedef {"ago" | "for" | "elapsed"} Way How a moment is written: "3 min ago", "for 3 min", "3 min 20 s". */

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/**
 * How long something took: "8 ms", "2.3 s", "4 min".
 * @param {number} ms
 * @returns {string}
 */
export function durationText(ms) {
  if (ms < 1) return "<1 ms";
  if (ms < 999.5) return `${Math.round(ms)} ms`;
  if (ms < 9950) return `${(ms / SECOND).toFixed(1)} s`;
  return spanText(ms + SECOND / 2);
}

/**
 * A span in its largest unit, rounded down: "12 s", "3 min", "5 h", "2 days".
 * @param {number} ms
 * @returns {string}
 */
export function spanText(ms) {
  if (ms < MINUTE) return `${Math.max(0, Math.floor(ms / SECOND))} s`;
  if (ms < HOUR) return `${Math.floor(ms / MINUTE)} min`;
  if (ms < 2 * DAY) return `${Math.floor(ms / HOUR)} h`;
  return `${Math.floor(ms / DAY)} days`;
}

/**
 * A span that one watches: "12 s", "3 min 20 s", "5 h 3 min".
 * @param {number} ms
 * @returns {string}
 */
export function elapsedText(ms) {
  if (ms < MINUTE || ms >= 2 * DAY) return spanText(ms);
  if (ms < HOUR) return `${spanText(ms)} ${spanText(ms % MINUTE)}`;
  return `${spanText(ms)} ${spanText(ms % HOUR).replace(/^\d+ s$/, "0 min")}`;
}

/**
 * How long ago something was: "now", "12 s ago", "3 min ago".
 * @param {number} ms
 * @returns {string}
 */
export function agoText(ms) {
  return ms < SECOND ? "now" : `${spanText(ms)} ago`;
}

/**
 * What is written of a moment while its page is alive; `ms` is how long ago it was.
 * @param {Way} way
 * @param {number} ms
 * @returns {string}
 */
export function livingText(way, ms) {
  switch (way) {
    case "ago":
      return agoText(ms);
    case "for":
      return `for ${spanText(ms)}`;
    case "elapsed":
      return elapsedText(ms);
  }
}

/**
 * What is written of it where nothing ticks: "27 Nov 03:48", UTC.
 * @param {Way} way
 * @param {number} at
 * @returns {string}
 */
export function fixedText(way, at) {
  return way === "ago" ? momentText(at) : `since ${momentText(at)}`;
}

/**
 * "27 Nov 03:48", UTC
 * @param {number} at milliseconds since 1970
 * @returns {string}
 */
export function momentText(at) {
  const date = new Date(at);
  if (Number.isNaN(date.getTime())) return "at an unknown time";
  return `${dayText(date)} ${clockText(date).slice(0, 5)}`;
}

/**
 * "27 Nov 2026 03:48:12 UTC"
 * @param {number} at milliseconds since 1970
 * @returns {string}
 */
export function exactText(at) {
  const date = new Date(at);
  if (Number.isNaN(date.getTime())) return "at an unknown time";
  return `${dayText(date)} ${date.getUTCFullYear()} ${clockText(date)} UTC`;
}

/**
 * What programs read; null: no date has this time.
 * @param {number} at milliseconds since 1970
 * @returns {string | null}
 */
export function isoText(at) {
  const date = new Date(at);
  return Number.isNaN(date.getTime()) ? null : date.toISOString();
}

/**
 * "03:48", of the day.
 * @param {number} at milliseconds since 1970
 * @returns {string}
 */
export function hourText(at) {
  const date = new Date(at);
  return Number.isNaN(date.getTime()) ? "?" : clockText(date).slice(0, 5);
}

/** @param {Date} date */
function dayText(date) {
  return `${date.getUTCDate()} ${MONTHS[date.getUTCMonth()]}`;
}

/** @param {Date} date */
function clockText(date) {
  return date.toISOString().slice(-13, -5);
}
