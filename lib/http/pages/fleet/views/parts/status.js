// @ts-check
import { html } from "../html.js";
import { outcomeTone, outcomeWord } from "../words/calls.js";
import { conditionOf, conditionWord } from "../words/hosts.js";
import { Moment } from "./moment.js";

/** @import { CallRow, HostRow } from "../../model.ts" */

/**
 * A host's status with its age and reason: "down for 12 min: lmcp: timeout".
 * @param {{ host: HostRow }} props
 */
export function HostStatus({ host }) {
  const condition = conditionOf(host);
  const { since, reason } = host;
  return html`
    <span class="mark ${condition}">${conditionWord(condition)}</span>${since !== null &&
      html`${" "}<${Moment} at=${since} way="for" class="age" />`}${reason !== null &&
      html`<span class="reason" title=${reason}>: ${reason}</span>`}
  `;
}

/**
 * A call's outcome: a mark and a word.
 * @param {{ outcome: CallRow["outcome"] }} props
 */
export function Outcome({ outcome }) {
  return html`<span class="mark ${outcomeTone(outcome)}">${outcomeWord(outcome)}</span>`;
}
