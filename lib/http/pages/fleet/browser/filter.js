// @ts-check
/// <reference lib="dom" />

/** @import { HostSort, Match } from "../model.ts" */
/** @import { Shown } from "../views/hosts.js" */

/** A pause in typing. */
const PAUSE_MS = 30;

/**
 * Filters and sorts the table of hosts as one types.
 * @param {{
 *   shown: Shown,
 *   match: (query: string, signal: AbortSignal) => Promise<Match>,
 *   onChange: (shown: Shown) => void,
 * }} options
 */
export function createFilter({ shown, match, onChange }) {
  let current = shown;
  let asked = new AbortController();
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let pause;

  /** @param {Partial<Shown>} changes */
  function change(changes) {
    current = { ...current, ...changes };
    history.replaceState(history.state, "", addressOf(current));
    onChange(current);
  }

  /** Asks again for what is in the field; what was matched last is shown until then. */
  async function ask() {
    asked.abort();
    asked = new AbortController();
    const { signal } = asked;
    const { query } = current;
    if (query.trim() === "") return change({ names: null, problem: null });
    const found = await match(query, signal);
    if (signal.aborted) return;
    change(
      found.kind === "problem" ? { problem: found.problem } : { names: found.names, problem: null },
    );
  }

  return {
    /** @param {string} query */
    setQuery(query) {
      change({ query });
      clearTimeout(pause);
      pause = setTimeout(ask, PAUSE_MS);
    },
    /** @param {HostSort} sort */
    setSort: (sort) => change({ sort }),
    /** Hosts came or went. */
    again() {
      if (current.query.trim() !== "") ask();
    },
  };
}

/** @param {Shown} shown */
function addressOf({ query, sort }) {
  const parts = new URLSearchParams();
  if (query !== "") parts.set("q", query);
  if (sort !== "status") parts.set("sort", sort);
  const search = parts.toString();
  return search === "" ? "/hosts" : `/hosts?${search}`;
}
