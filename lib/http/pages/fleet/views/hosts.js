// @ts-check
import { html } from "./html.js";
import { useContext, useEffect, useMemo, useState } from "preact/hooks";
import { HostTable } from "./parts/host_table.js";
import { Script } from "./script.js";
import { conditionWord, countConditions, countedConditions } from "./words/hosts.js";
import { countOf, countText } from "./words/numbers.js";
import { addressOf, sortHosts } from "./words/order.js";

/** @import { HostRow, HostSort } from "../model.ts" */

/**
 * Which hosts are shown: those that `names` has, null: all; `problem` is of a `query` that cannot be read.
 * @typedef {object} Shown
 * @property {string} query
 * @property {HostSort} sort
 * @property {readonly string[] | null} names
 * @property {string | null} problem
 */

/** Rows that are there at once, more than a screen of them; the script adds the others from frame to frame. */
const FIRST_ROWS = 60;
const ROWS_PER_FRAME = 240;

/**
 * All hosts, sorted and filtered.
 * @param {{ hosts: readonly HostRow[], shown: Shown }} props
 */
export function HostsPage({ hosts, shown: { query, sort, names, problem } }) {
  const rows = useMemo(() => {
    const wanted = names === null ? null : new Set(names);
    const matching = wanted === null ? hosts : hosts.filter(({ name }) => wanted.has(name));
    return sortHosts(matching, sort);
  }, [hosts, names, sort]);
  const limit = useGrowingLimit(rows.length, { sort, names });
  return html`
    <h1>Hosts</h1>
    <div class="bar">
      <${Filter} query=${query} sort=${sort} problem=${problem} />
      <${Probe} query=${query} sort=${sort} count=${problem === null ? rows.length : 0} />
      <${Counts} rows=${rows} all=${hosts.length} />
    </div>
    <section class="panel" aria-label="Table of hosts">${rows.length === 0
      ? html`<p class="empty">${
        hosts.length === 0 ? "There are no hosts that you may see." : "No host matches the filter."
      }</p>`
      : html`
        <${HostTable} hosts=${rows.slice(0, limit)} caption="Hosts" order=${{ sort, query }} />
      `}${limit < rows.length && html`
      <p class="rest">
        <a href="/hosts?q=%40all&sort=${sort}">Show all ${countOf(rows.length, "host")}</a>
      </p>
    `}</section>
  `;
}

/**
 * How many rows to draw: few at first, so that they are seen at once, then all. Without a script those of
 * a filter are all there.
 * @param {number} count
 * @param {{ sort: HostSort, names: readonly string[] | null }} choice what begins again with few
 */
function useGrowingLimit(count, { sort, names }) {
  const script = useContext(Script);
  const [drawn, setDrawn] = useState({
    names,
    sort,
    limit: names === null ? FIRST_ROWS : Infinity,
  });
  const isSame = drawn.names === names && drawn.sort === sort;
  const limit = isSame ? drawn.limit : FIRST_ROWS;
  useEffect(() => {
    if (script === null || limit >= count) return;
    return script.nextFrame(() => setDrawn({ names, sort, limit: limit + ROWS_PER_FRAME }));
  }, [script, limit, count, names, sort]);
  return limit;
}

/**
 * A form that works as one; the script filters while one types.
 * @param {{ query: string, sort: HostSort, problem: string | null }} props
 */
function Filter({ query, sort, problem }) {
  const script = useContext(Script);
  /** @param {Event} event */
  function filter({ currentTarget }) {
    const value = currentTarget === null ? undefined : Reflect.get(currentTarget, "value");
    if (typeof value === "string") script?.setQuery(value);
  }
  return html`
    <form class="filter" role="search" method="get" action="/hosts">
      <label class="hidden" for="q">Filter hosts</label>
      <input id="q" name="q" type="search" value=${query} onInput=${filter}
        placeholder="Filter: web[01-20], @db, web*&!web07" autocomplete="off"
        autocapitalize="off" spellcheck=${false} maxlength="4000"
        aria-invalid=${problem === null ? undefined : "true"} aria-describedby="q-problem" />
      <input type="hidden" name="sort" value=${sort} />
      <button>Filter</button>
      <p id="q-problem" class="problem" aria-live="polite">${problem}</p>
    </form>
  `;
}

/**
 * Probes what is shown.
 * @param {{ query: string, sort: HostSort, count: number }} props 0: nothing, or it is not known what
 */
function Probe({ query, sort, count }) {
  const back = addressOf({ query, sort });
  return html`
    <form class="probe" method="post" action="/probe" data-done="${countOf(count, "host")} probed">
      <input type="hidden" name="targets" value=${query === "" ? "@all" : query} />
      <input type="hidden" name="back" value=${back} />
      <button disabled=${count === 0}>Probe now</button>
    </form>
  `;
}

/** @param {{ rows: readonly HostRow[], all: number }} props */
function Counts({ rows, all }) {
  const counts = countConditions(rows);
  return html`
    <p class="counts" role="status">${countedConditions(counts).map((condition, index) =>
      html`${index > 0 && ", "}<span key=${condition} class="mark ${condition}">${
        countText(counts[condition])
      } ${conditionWord(condition)}</span>`
    )}${rows.length < all && ` (${countText(rows.length)} of ${countOf(all, "host")})`}</p>
  `;
}
