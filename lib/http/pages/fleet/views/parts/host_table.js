// @ts-check
import { html } from "../html.js";
import { Component } from "preact";
import { useContext } from "preact/hooks";
import { isForAnotherTab, Script } from "../script.js";
import { conditionOf, wayText } from "../words/hosts.js";
import { durationText } from "../words/times.js";
import { Moment } from "./moment.js";
import { Sparkline } from "./sparkline.js";
import { HostStatus, Outcome } from "./status.js";

/** @import { HostRow, HostSort } from "../../model.ts" */

/**
 * @typedef {object} Column
 * @property {string} label
 * @property {string} name class of its cells
 * @property {HostSort | null} sort
 * @property {"ascending" | "descending" | "other"} direction
 */

/** @type {readonly Column[]} */
const COLUMNS = [
  { label: "Host", name: "name", sort: "name", direction: "ascending" },
  { label: "Status", name: "status", sort: "status", direction: "other" },
  { label: "Way", name: "way", sort: null, direction: "other" },
  { label: "Latency", name: "latency", sort: "latency", direction: "descending" },
  { label: "Tags", name: "tags", sort: null, direction: "other" },
  { label: "Running", name: "running", sort: "running", direction: "descending" },
  { label: "Last call", name: "last", sort: "last_call", direction: "descending" },
];

/**
 * A table of hosts, in the order in which they come; `order` makes its columns links that sort.
 * @param {{
 *   hosts: readonly HostRow[],
 *   caption: string,
 *   order: { readonly sort: HostSort, readonly query: string } | null,
 * }} props
 */
export function HostTable({ hosts, caption, order }) {
  return html`
    <table class="rows hosts" role="table">
      <caption class="hidden">${caption}</caption>
      <thead role="rowgroup">
        <tr role="row">${COLUMNS.map((column) =>
          html`<${Heading} key=${column.name} column=${column} order=${order} />`
        )}</tr>
      </thead>
      <tbody role="rowgroup">${hosts.map((host) =>
        html`<${HostLine} key=${host.name} host=${host} />`
      )}</tbody>
    </table>
  `;
}

/**
 * @param {{ column: Column, order: { readonly sort: HostSort, readonly query: string } | null }} props
 */
function Heading({ column: { label, name, sort, direction }, order }) {
  const script = useContext(Script);
  if (order === null || sort === null) {
    return html`<th scope="col" role="columnheader" class=${name}>${label}</th>`;
  }
  const isSorted = order.sort === sort;
  const query = order.query === "" ? "" : `q=${encodeURIComponent(order.query)}&`;
  /** @param {Event} event */
  function sortHere(event) {
    if (script === null || isForAnotherTab(event)) return;
    event.preventDefault();
    script.setSort(sort ?? "name");
  }
  return html`
    <th scope="col" role="columnheader" class=${name} aria-sort=${isSorted ? direction : "none"}>
      <a href="/hosts?${query}sort=${sort}" onClick=${sortHere}>${label}</a>
    </th>
  `;
}

/**
 * A row that is the same object as before is not drawn again: the server sends whole rows. What was drawn
 * must not be kept for that: it leads to all that was drawn with it.
 * @extends {Component<{ host: HostRow }>}
 */
class HostLine extends Component {
  /**
   * @override
   * @param {{ host: HostRow }} next
   */
  shouldComponentUpdate({ host }) {
    return host !== this.props.host;
  }

  /** @override */
  render() {
    return lineOf(this.props.host);
  }
}

/** @param {HostRow} host */
function lineOf(host) {
  const { name, tags, running, lastCall, latencyMs } = host;
  return html`
    <tr role="row" class="row ${conditionOf(host)}">
      <th scope="row" role="rowheader" class="name">
        <a href="/hosts/${encodeURIComponent(name)}">${name}</a>
      </th>
      <td role="cell" class="status">
        <${HostStatus} host=${host} />
      </td>
      <td role="cell" class="way">${wayText(host)}</td>
      <td role="cell" class="latency">
        <span class="number ${latencyMs === null ? "none" : ""}">${latencyMs === null
          ? "–"
          : durationText(latencyMs)}</span>
        <${Sparkline} host=${name} />
      </td>
      <td role="cell" class="tags">
        <${Tags} tags=${tags} />
      </td>
      <td role="cell" class="running ${running === 0 ? "none" : ""}">${running}</td>
      <td role="cell" class="last">${lastCall !== null && html`
        <${Outcome} outcome=${lastCall.outcome} />
        <span class="tool">${lastCall.tool}</span>
        <${Moment} at=${lastCall.at} way="ago" class="age" />
      `}</td>
    </tr>
  `;
}

/**
 * Each leads to the hosts that have it.
 * @param {{ tags: readonly string[] }} props
 */
export function Tags({ tags }) {
  return tags.map((tag) =>
    html`<a key=${tag} class="tag" href="/hosts?q=${encodeURIComponent(`@${tag}`)}">${tag}</a>`
  );
}
