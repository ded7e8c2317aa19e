// @ts-check
import { html } from "../html.js";
import { countText } from "../words/numbers.js";

/** More of them would hide the fleet. */
const SHOWN = 5;

/**
 * What is wrong with the registry; nothing where nothing is.
 * @param {{ problems: readonly string[] }} props
 */
export function Problems({ problems }) {
  if (problems.length === 0) return null;
  return html`
    <section class="problems" role="alert" aria-labelledby="problems-title">
      <h2 id="problems-title">The registry has ${problems.length === 1
        ? "a problem"
        : `${countText(problems.length)} problems`}</h2>
      <${List} problems=${problems.slice(0, SHOWN)} />
      ${problems.length > SHOWN && html`
        <details>
          <summary>${countText(problems.length - SHOWN)} more</summary>
          <${List} problems=${problems.slice(SHOWN)} />
        </details>
      `}
    </section>
  `;
}

/** @param {{ problems: readonly string[] }} props */
function List({ problems }) {
  return html`<ul>${problems.map((problem, index) => html`<li key=${index}>${problem}</li>`)}</ul>`;
}
