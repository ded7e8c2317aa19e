// @ts-check
import { html } from "./html.js";
import { Approvals } from "./parts/approvals.js";
import { CallTable } from "./parts/call_table.js";
import { HostMap } from "./parts/host_map.js";
import { HostTable } from "./parts/host_table.js";
import { Problems } from "./parts/problems.js";
import { Tiles } from "./parts/tiles.js";
import { countConditions, countsText } from "./words/hosts.js";
import { countText } from "./words/numbers.js";
import { sortHosts } from "./words/order.js";

/** @import { Overview } from "../model.ts" */

/** Rows of the first glance. */
const SHOWN_HOSTS = 12;
const SHOWN_CALLS = 12;

/**
 * The first glance.
 * @param {{ overview: Overview }} props
 */
export function OverviewPage({ overview: { viewer, problems, tiles, hosts, calls, approvals } }) {
  const worst = sortHosts(hosts, "status").slice(0, SHOWN_HOSTS);
  const lastCalls = [...calls.running, ...calls.recent].slice(0, SHOWN_CALLS);
  return html`
    <h1 class="hidden">Overview</h1>
    <${Problems} problems=${problems} />
    <${Approvals} approvals=${approvals} maySay=${viewer.isSignedIn} />
    <${Tiles} tiles=${tiles} />
    <section class="panel" aria-labelledby="hosts-title">
      <header>
        <h2 id="hosts-title">Hosts</h2>
        <p class="counts" role="status">${countsText(countConditions(hosts))}</p>
        <a class="more" href="/hosts">${worst.length < hosts.length
          ? `All ${countText(hosts.length)} hosts`
          : "Filter and sort"}</a>
      </header>
      ${worst.length < hosts.length && html`<${HostMap} hosts=${hosts} />`}
      ${hosts.length === 0
        ? html`<p class="empty">There are no hosts that you may see.</p>`
        : html`<${HostTable} hosts=${worst} caption="Hosts, the bad ones first" order=${null} />`}
    </section>
    <section class="panel" aria-labelledby="calls-title">
      <header>
        <h2 id="calls-title">Last calls</h2>
        <a class="more" href="/calls">All calls</a>
      </header>
      ${lastCalls.length === 0
        ? html`<p class="empty">There were no calls yet.</p>`
        : html`<${CallTable} calls=${lastCalls} caption="Running and last calls" back="/" />`}
    </section>
  `;
}
