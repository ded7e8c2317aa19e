// @ts-check
import { html } from "./html.js";
import { CallTable } from "./parts/call_table.js";
import { Tags } from "./parts/host_table.js";
import { JobsPanel } from "./parts/jobs.js";
import { Latency } from "./parts/latency.js";
import { Moment } from "./parts/moment.js";
import { HostStatus } from "./parts/status.js";
import { Timeline } from "./parts/timeline.js";
import { countText } from "./words/numbers.js";
import { durationText } from "./words/times.js";

/** @import { HostDetail, HostRow } from "../model.ts" */

/**
 * One host; `row` is null once it is gone.
 * @param {{ detail: HostDetail, row: HostRow | null, now: number }} props
 */
export function HostPage({ detail, row, now }) {
  const { spans, latencies, calls, rules, agent, jobs } = detail;
  const host = row ?? detail.row;
  const path = `/hosts/${encodeURIComponent(host.name)}`;
  return html`
    <${Head} host=${host} path=${path} isGone=${row === null} />
    <div class="halves">
      <section class="panel" aria-labelledby="status-title">
        <header>
          <h2 id="status-title">Status in the last hour</h2>
        </header>
        <${Timeline} spans=${spans} paths=${host.paths} now=${now} />
      </section>
      <section class="panel" aria-labelledby="latency-title">
        <header>
          <h2 id="latency-title">Latency in the last hour</h2>
        </header>
        <${Latency} latencies=${latencies} now=${detail.now} />
      </section>
    </div>
    ${jobs.list && html`<${JobsPanel} host=${host.name} rights=${jobs} back=${path} />`}
    <section class="panel" aria-labelledby="calls-title">
      <header><h2 id="calls-title">Calls</h2></header>
      ${calls.length === 0
        ? html`<p class="empty">There were no calls to this host yet.</p>`
        : html`<${CallTable} calls=${calls} caption="Calls to this host" back=${path} />`}
    </section>
    <div class="halves">
      <section class="panel" aria-labelledby="rules-title">
        <header><h2 id="rules-title">What you may use here</h2></header>
        ${rules.length === 0
          ? html`<p class="empty">No rule limits what you may use here.</p>`
          : html`<ul class="rules">${
            rules.map((rule, index) => html`<li key=${index}>${rule}</li>`)
          }</ul>`}
      </section>
      <section class="panel" aria-labelledby="agent-title">
        <header>
          <h2 id="agent-title">Agent</h2>
        </header>
        <${Agent} agent=${agent} />
      </section>
    </div>
  `;
}

/** @param {{ host: HostRow, path: string, isGone: boolean }} props */
function Head({ host, path, isGone }) {
  return html`
    <p class="trail"><a href="/hosts">Hosts</a></p>
    <div class="head">
      <h1>${host.name}</h1>
      <form method="post" action="/probe" data-done="${host.name} was probed">
        <input type="hidden" name="targets" value=${host.name} />
        <input type="hidden" name="back" value=${path} />
        <button disabled=${isGone}>Probe now</button>
      </form>
    </div>
    ${isGone && html`<p class="problems" role="alert">The registry no longer has this host.</p>`}
    <dl class="facts">
      <div>
        <dt>Status</dt>
        <dd>
          <${HostStatus} host=${host} />
        </dd>
      </div>
      <div>
        <dt>Ways</dt>
        <dd>${host.paths.join(", then ")}</dd>
      </div>
      <div>
        <dt>Latency</dt>
        <dd>${host.latencyMs === null ? "not measured" : durationText(host.latencyMs)}</dd>
      </div>
      <div>
        <dt>Last checked</dt>
        <dd>${host.checkedAt === null
          ? "never"
          : html`<${Moment} at=${host.checkedAt} way="ago" />`}</dd>
      </div>
      <div>
        <dt>Running</dt>
        <dd>${countText(host.running)}</dd>
      </div>
      <div>
        <dt>Tags</dt>
        <dd>${host.tags.length === 0 ? "none" : html`<${Tags} tags=${host.tags} />`}</dd>
      </div>
    </dl>
  `;
}

/** @param {{ agent: HostDetail["agent"] }} props */
function Agent({ agent }) {
  if (agent === null) {
    return html`<p class="empty">There is no agent, or it has not been asked yet.</p>`;
  }
  const { name, version, protocol, claims, tools } = agent;
  return html`
    <dl class="facts">
      <div>
        <dt>Program</dt>
        <dd>${name} ${version}</dd>
      </div>
      <div>
        <dt>MCP</dt>
        <dd>${protocol}</dd>
      </div>
      <div>
        <dt>Claims calls</dt>
        <dd>${claims ? "yes: none runs twice" : "no"}</dd>
      </div>
      <div>
        <dt>Tools</dt>
        <dd>${tools === null ? "not asked" : countText(tools)}</dd>
      </div>
    </dl>
  `;
}
