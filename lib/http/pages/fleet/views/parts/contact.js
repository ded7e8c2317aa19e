// @ts-check
import { html } from "../html.js";
import { exactText, isoText, momentText } from "../words/times.js";
import { Moment } from "./moment.js";

/**
 * Whether the page is live: `fixed` without a script; `lost`: nothing came since then; `back`: where to go on.
 * @typedef {{ kind: "fixed" } | { kind: "opening" } | { kind: "live" } | { kind: "lost", since: number }
 *   | { kind: "signed_out", back: string }} Contact
 */

/**
 * Says how fresh the page is. Only a change of it is announced, not each second.
 * @param {{ contact: Contact, now: number }} props
 */
export function ContactState({ contact, now }) {
  return html`
    <p class="contact ${contact.kind}">
      <${Visible} contact=${contact} now=${now} />
      <span class="hidden" role="status">${announced(contact)}</span>
    </p>
  `;
}

/** @param {{ contact: Contact, now: number }} props */
function Visible({ contact, now }) {
  switch (contact.kind) {
    case "fixed":
      return html`<span>as of <time datetime=${isoText(now)} title=${exactText(now)}>${
        momentText(now)
      }</time>, times in UTC</span>`;
    case "opening":
      return html`<span class="mark calm">connecting</span>`;
    case "live":
      return html`<span class="mark good" aria-hidden="true">live</span>`;
    case "lost":
      return html`<span class="mark bad" aria-hidden="true">no contact <${Moment} at=${contact.since} way="for" /></span>`;
    case "signed_out":
      return html`<span class="mark doubt">signed out: <a href="/sign-in?back=${
        encodeURIComponent(contact.back)
      }">sign in</a></span>`;
  }
}

/** @param {Contact} contact */
function announced(contact) {
  switch (contact.kind) {
    case "fixed":
    case "opening":
    case "signed_out":
      return "";
    case "live":
      return "live";
    case "lost":
      return "no contact with the hub";
  }
}
