// @ts-check
import { html } from "./html.js";

/**
 * A page that says one thing: what was not found, or was not done and why.
 * @param {{ title: string, text: string, back: string }} props `back`: the path to go on with.
 */
export function Notice({ title, text, back }) {
  return html`
    <main class="notice">
      <h1>${title}</h1>
      <p role="alert">${text}</p>
      <p><a href=${back}>Back</a></p>
    </main>
  `;
}
