// @ts-check
import { html } from "../html.js";
import { outcomeTone } from "../words/calls.js";
import { durationText } from "../words/times.js";
import { Moment } from "./moment.js";
import { Outcome } from "./status.js";

/** @import { CallRow } from "../../model.ts" */

/**
 * A table of calls, in the order in which they come; `back` is the page that a button leads back to.
 * @param {{ calls: readonly CallRow[], caption: string, back: string }} props
 */
export function CallTable({ calls, caption, back }) {
  return html`
    <table class="rows calls" role="table">
      <caption class="hidden">${caption}</caption>
      <thead role="rowgroup">
        <tr role="row">
          <th scope="col" role="columnheader" class="outcome">Outcome</th>
          <th scope="col" role="columnheader" class="tool">Tool</th>
          <th scope="col" role="columnheader" class="on">Hosts</th>
          <th scope="col" role="columnheader" class="who">Caller</th>
          <th scope="col" role="columnheader" class="took">Took</th>
          <th scope="col" role="columnheader" class="via">Way</th>
          <th scope="col" role="columnheader" class="began">Began</th>
          <th scope="col" role="columnheader" class="note">Note</th>
        </tr>
      </thead>
      <tbody role="rowgroup">${calls.map((call) =>
        html`<${CallLine} key=${call.id} call=${call} back=${back} />`
      )}</tbody>
    </table>
  `;
}

/** @param {{ call: CallRow, back: string }} props */
function CallLine({ call, back }) {
  const { outcome, exitCode, tool, hosts, principal, client, durationMs, via, startedAt } = call;
  return html`
    <tr role="row" class="row ${outcomeTone(outcome)}">
      <td role="cell" class="outcome">
        <${Outcome} outcome=${outcome} />${exitCode !== null && exitCode !== 0 &&
          html`<span class="age"> exit ${exitCode}</span>`}
      </td>
      <th scope="row" role="rowheader" class="tool">${tool}</th>
      <td role="cell" class="on" title=${hosts}>${hosts}</td>
      <td role="cell" class="who">
        ${principal}${client !== null &&
          html`<span class="client" title=${client}> ${client}</span>`}
      </td>
      <td role="cell" class="took">${durationMs === null
        ? html`<${Moment} at=${startedAt} way="elapsed" />`
        : durationText(durationMs)}</td>
      <td role="cell" class="via">${via.join(", ")}</td>
      <td role="cell" class="began">
        <${Moment} at=${startedAt} way="ago" />
      </td>
      <td role="cell" class="note">
        <${Note} call=${call} back=${back} />
      </td>
    </tr>
  `;
}

/** @param {{ call: CallRow, back: string }} props */
function Note({ call: { id, tool, hosts, reason, outcome, mayEnd }, back }) {
  return html`
    ${reason !== null && html`<span class="reason" title=${reason}>${reason}</span>`}
    ${outcome === null && mayEnd && html`
      <form method="post" action="/calls/end" data-done="The call was ended">
        <input type="hidden" name="id" value=${id} />
        <input type="hidden" name="back" value=${back} />
        <button class="small" aria-label="Cancel ${tool} on ${hosts}">Cancel</button>
      </form>
    `}
  `;
}
