// @ts-check

/** @import { CallRow } from "../../model.ts" */

/** @typedef {"good" | "bad" | "doubt" | "busy"} Tone What a mark says beside its word. */

/**
 * @param {CallRow["outcome"]} outcome null: it runs
 * @returns {string}
 */
export function outcomeWord(outcome) {
  switch (outcome) {
    case null:
      return "running";
    case "ok":
      return "ok";
    case "failed":
      return "failed";
    case "not_delivered":
      return "not delivered";
    case "unknown":
      return "unknown";
    case "refused":
      return "refused";
    case "bug":
      return "hub fault";
  }
}

/**
 * @param {CallRow["outcome"]} outcome null: it runs
 * @returns {Tone}
 */
export function outcomeTone(outcome) {
  switch (outcome) {
    case null:
      return "busy";
    case "ok":
      return "good";
    case "unknown":
    case "refused":
      return "doubt";
    case "failed":
    case "not_delivered":
    case "bug":
      return "bad";
  }
}

/**
 * Why one reads about it: it failed, or nobody knows whether it ran.
 * @param {CallRow} call
 * @returns {boolean}
 */
export function isTrouble({ outcome }) {
  return outcome !== null && outcome !== "ok";
}

/**
 * The calls with trouble first, each part in the order that it had.
 * @param {readonly CallRow[]} calls
 * @returns {CallRow[]}
 */
export function troubleFirst(calls) {
  return [...calls.filter(isTrouble), ...calls.filter((call) => !isTrouble(call))];
}
