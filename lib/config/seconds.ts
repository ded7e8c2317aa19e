/** Longest wait that a setting may ask for, in seconds: a timer over 2^31 ms fires at once. */
const MAX_SECONDS = 1_000_000;

/** What a setting in seconds must be; follows "must be". */
export const SECONDS_RULE = `a number of seconds above 0, at most ${MAX_SECONDS}`;

/** Whether a number of seconds, whole or not, is one that timers can wait. */
export function isSeconds(value: number): boolean {
  return value > 0 && value <= MAX_SECONDS;
}

/** Seconds to whole milliseconds, at least 1. */
export function toMs(seconds: number): number {
  return Math.max(1, Math.round(seconds * 1000));
}
