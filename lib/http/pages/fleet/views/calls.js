// @ts-check
import { html } from "./html.js";
import { useContext } from "preact/hooks";
import { CallTable } from "./parts/call_table.js";
import { isForAnotherTab, Script } from "./script.js";
import { isTrouble, troubleFirst } from "./words/calls.js";
import { countOf, countText } from "./words/numbers.js";

/** @import { CallOrder, Calls } from "../model.ts" */

/**
 * Running calls and recent ones.
 * @param {{ calls: Calls, order: CallOrder }} props
 */
export function CallsPage({ calls: { running, recent }, order }) {
  const back = order === "time" ? "/calls?order=time" : "/calls";
  const sorted = order === "time" ? recent : troubleFirst(recent);
  const troubles = recent.filter(isTrouble).length;
  return html`
    <h1>Calls</h1>
    <section class="panel" aria-labelledby="running-title">
      <header>
        <h2 id="running-title">Running</h2>
        <p class="counts" role="status">${countOf(running.length, "call")}</p>
      </header>
      ${running.length === 0
        ? html`<p class="empty">No call is running.</p>`
        : html`<${CallTable} calls=${running} caption="Running calls, the oldest first" back=${back} />`}
    </section>
    <section class="panel" aria-labelledby="recent-title">
      <header>
        <h2 id="recent-title">Recent</h2>
        <p class="counts" role="status">${countOf(recent.length, "call")}, ${countText(
          troubles,
        )} not ok</p>
        <${OrderLinks} order=${order} />
      </header>
      ${recent.length === 0 ? html`<p class="empty">There were no calls yet.</p>` : html`
        <${CallTable} calls=${sorted} back=${back}
          caption=${order === "time"
            ? "Recent calls by time"
            : "Recent calls, those that are not ok first"} />
      `}
    </section>
  `;
}

/** @param {{ order: CallOrder }} props */
function OrderLinks({ order }) {
  const script = useContext(Script);
  /** @param {CallOrder} wanted */
  function linkTo(wanted) {
    return {
      "href": wanted === "time" ? "/calls?order=time" : "/calls",
      "aria-current": order === wanted ? "true" : undefined,
      /** @param {Event} event */
      onClick(event) {
        if (script === null || isForAnotherTab(event)) return;
        event.preventDefault();
        script.setOrder(wanted);
      },
    };
  }
  return html`
    <nav class="toggle" aria-label="Order of recent calls">
      <a ...${linkTo("trouble")}>Trouble first</a>
      <a ...${linkTo("time")}>By time</a>
    </nav>
  `;
}
