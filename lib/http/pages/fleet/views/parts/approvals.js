// @ts-check
import { html } from "../html.js";
import { countOf } from "../words/numbers.js";
import { Moment } from "./moment.js";

/** @import { ApprovalRow } from "../../model.ts" */

/**
 * Calls that wait for the viewer; nothing where none does.
 * @param {{ approvals: readonly ApprovalRow[], maySay: boolean }} props
 */
export function Approvals({ approvals, maySay }) {
  if (approvals.length === 0) return null;
  return html`
    <section class="panel approvals" aria-labelledby="approvals-title">
      <header>
        <h2 id="approvals-title">Approvals</h2>
        <p class="counts" role="status">${countOf(approvals.length, "call")} waiting for you</p>
      </header>
      <ul>${approvals.map((approval) =>
        html`<${Waiting} key=${approval.id} approval=${approval} maySay=${maySay} />`
      )}</ul>
    </section>
  `;
}

/** @param {{ approval: ApprovalRow, maySay: boolean }} props */
function Waiting({ approval: { id, principal, tool, hosts, shown, askedAt }, maySay }) {
  const what = `${tool} for ${principal} on ${hosts}`;
  return html`
    <li>
      <pre tabindex="0" aria-label=${what}>${shown}</pre>
      <p class="choices">
        <span class="age">${id}, asked <${Moment} at=${askedAt} way="ago" /></span>
        ${maySay
          ? html`
            <${Say} id=${id} verdict="deny" done="The call was denied" label="Deny"
              what=${what} />
            <${Say} id=${id} verdict="allow" done="The call may run, once" label="Allow"
              what=${what} />
          `
          : html`<span>Sign in to answer</span>`}
      </p>
    </li>
  `;
}

/** @param {{ id: string, verdict: "allow" | "deny", done: string, label: string, what: string }} props */
function Say({ id, verdict, done, label, what }) {
  return html`
    <form method="post" action=${`/approvals/${verdict}`} data-done=${done}>
      <input type="hidden" name="id" value=${id} />
      <input type="hidden" name="back" value="/" />
      <button aria-label="${label} ${what}">${label}</button>
    </form>
  `;
}
