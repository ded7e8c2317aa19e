// @ts-check
import { html } from "../html.js";
import { countText } from "../words/numbers.js";
import { durationText } from "../words/times.js";
import { MinuteBars } from "./minute_bars.js";
import { Moment } from "./moment.js";

/** @import { Tiles as TilesData } from "../../model.ts" */

/**
 * What the first glance shows.
 * @param {{ tiles: TilesData }} props
 */
export function Tiles({ tiles }) {
  const { hosts, up, down, unknown, onSshInstead, running, longestSince } = tiles;
  const { callsInDay, unknownInDay, medianLatencyMs, callsByMinute } = tiles;
  return html`
    <dl class="tiles" aria-label="The fleet at a glance">
      <${Tile} label="Hosts up" tone=${down > 0 ? "bad" : "good"}>
        <b>${countText(up)}</b> <span>of ${countText(hosts)}</span>
        <${Aside}>${[
          down > 0 ? `${countText(down)} down` : "none down",
          ...(unknown > 0 ? [`${countText(unknown)} not probed`] : []),
        ].join(", ")}<//>
      <//>
      <${Tile} label="Over ssh instead" tone=${onSshInstead > 0 ? "doubt" : "good"}>
        <b>${countText(onSshInstead)}</b>
        <${Aside}>${onSshInstead > 0 ? "agent not reached" : "all agents answer"}<//>
      <//>
      <${Tile} label="Calls running" tone="calm">
        <b>${countText(running)}</b>
        <${Aside}>${longestSince === null
          ? "none"
          : html`longest <${Moment} at=${longestSince} way="elapsed" />`}<//>
      <//>
      <${Tile} label="Calls in 24 h" tone=${unknownInDay > 0 ? "doubt" : "calm"}>
        <b>${countText(callsInDay)}</b>
        <${Aside}>${unknownInDay > 0 ? `${countText(unknownInDay)} unknown` : "none unknown"}<//>
      <//>
      <${Tile} label="Median latency" tone="calm">
        <b>${medianLatencyMs === null ? "–" : durationText(medianLatencyMs)}</b>
        <${Aside}>${medianLatencyMs === null ? "not measured" : "of hosts that are up"}<//>
      <//>
      <${Tile} label="Calls a minute" tone="calm">
        <${MinuteBars} counts=${callsByMinute} />
      <//>
    </dl>
  `;
}

/** @param {{ label: string, tone: string, children?: unknown }} props */
function Tile({ label, tone, children }) {
  return html`
    <div class="tile ${tone}">
      <dt>${label}</dt>
      <dd>${children}</dd>
    </div>
  `;
}

/** @param {{ children?: unknown }} props */
function Aside({ children }) {
  return html`<span class="aside">${children}</span>`;
}
