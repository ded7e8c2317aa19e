// @ts-check
/// <reference lib="dom" />
import { addressOf } from "../views/words/order.js";

/** @import { HostSort, Match, Overview } from "../model.ts" */
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
    /** Hosts came or went, have other tags, or the hub is back. */
    again() {
      if (current.query.trim() !== "") ask();
    },
  };
}

/** What is in the field of the page that the server has written; null: it has none. */
export function typedQuery() {
  const field = document.getElementById("q");
  return field instanceof HTMLInputElement ? field.value : null;
}

/**
 * Whether an expression can name other hosts than before: some came, went, or have other tags, or a
 * group has others.
 * @param {Pick<Overview, "hosts" | "groups">} before
 * @param {Pick<Overview, "hosts" | "groups">} after
 */
export function mayMatchOthers(before, after) {
  const isOther = before.groups !== after.groups || before.hosts.length !== after.hosts.length;
  return isOther || after.hosts.some((host, index) => {
    const former = before.hosts[index];
    return former !== host &&
      (former?.name !== host.name || former.tags.join() !== host.tags.join());
  });
}
