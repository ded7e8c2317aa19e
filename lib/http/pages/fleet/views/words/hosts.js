// @ts-check
import { countText } from "./numbers.js";

/** @import { HostRow } from "../../model.ts" */

/**
 * How a host is, as people see it; `instead`: over ssh although it has an agent.
 * @typedef {"up" | "instead" | "down" | "unknown"} Condition
 */

/**
 * @param {Pick<HostRow, "status" | "paths">} host
 * @returns {Condition}
 */
export function conditionOf({ status, paths }) {
  switch (status) {
    case "lmcp":
    case "nats":
      return "up";
    case "ssh":
      return paths.length > 1 ? "instead" : "up";
    case "down":
      return "down";
    case "unknown":
      return "unknown";
  }
}

/**
 * @param {Condition} condition
 * @returns {string}
 */
export function conditionWord(condition) {
  switch (condition) {
    case "up":
      return "up";
    case "instead":
      return "over ssh";
    case "down":
      return "down";
    case "unknown":
      return "not probed";
  }
}

/**
 * The transport that reaches it, or those that are tried.
 * @param {Pick<HostRow, "status" | "paths">} host
 * @returns {string}
 */
export function wayText({ status, paths }) {
  return status === "down" || status === "unknown" ? paths.join(", ") : status;
}

/** @type {readonly Condition[]} */
const CONDITIONS = ["up", "instead", "down", "unknown"];

/**
 * How many hosts there are of each.
 * @param {readonly HostRow[]} hosts
 * @returns {Record<Condition, number>}
 */
export function countConditions(hosts) {
  const counts = { up: 0, instead: 0, down: 0, unknown: 0 };
  for (const host of hosts) counts[conditionOf(host)] += 1;
  return counts;
}

/**
 * Those that are counted in words: the good one always, others where there are any.
 * @param {Record<Condition, number>} counts
 * @returns {readonly Condition[]}
 */
export function countedConditions(counts) {
  return CONDITIONS.filter((condition) => condition === "up" || counts[condition] > 0);
}

/**
 * "22 up, 1 over ssh, 1 down"
 * @param {Record<Condition, number>} counts
 * @returns {string}
 */
export function countsText(counts) {
  return countedConditions(counts).map((condition) =>
    `${countText(counts[condition])} ${conditionWord(condition)}`
  )
    .join(", ");
}
