// @ts-check
import { conditionOf } from "./hosts.js";

/** @import { HostRow, HostSort } from "../../model.ts" */

/** The bad ones first. */
const SEVERITY = { down: 0, instead: 1, unknown: 2, up: 3 };

/**
 * Sorts hosts: the worst status, the slowest, the busiest, the last one called first; else by name.
 * @param {readonly HostRow[]} hosts by name
 * @param {HostSort} sort
 * @returns {readonly HostRow[]}
 */
export function sortHosts(hosts, sort) {
  if (sort === "name") return hosts;
  // The sort is stable: equal ones stay in the order of their names.
  const ranked = hosts.map((host) => ({ host, rank: rankOf(host, sort) }));
  return ranked.sort((one, other) => one.rank - other.rank).map(({ host }) => host);
}

/**
 * The address of the table of hosts, filtered and sorted.
 * @param {{ query: string, sort: HostSort }} shown
 * @returns {string}
 */
export function addressOf({ query, sort }) {
  const parts = new URLSearchParams();
  if (query !== "") parts.set("q", query);
  if (sort !== "status") parts.set("sort", sort);
  const search = parts.toString();
  return search === "" ? "/hosts" : `/hosts?${search}`;
}

/**
 * @param {HostRow} host
 * @param {Exclude<HostSort, "name">} sort
 * @returns {number} the smallest comes first
 */
function rankOf(host, sort) {
  switch (sort) {
    case "status":
      return SEVERITY[conditionOf(host)];
    case "latency":
      return -(host.latencyMs ?? -1);
    case "running":
      return -host.running;
    case "last_call":
      return -(host.lastCall?.at ?? -1);
  }
}
