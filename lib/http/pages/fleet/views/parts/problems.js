// @ts-check
import { html } from "htm/preact";

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
        : `${problems.length} problems`}</h2>
      <ul>${problems.map((problem, index) => html`<li key=${index}>${problem}</li>`)}</ul>
    </section>
  `;
}
