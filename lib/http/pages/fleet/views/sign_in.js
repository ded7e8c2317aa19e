// @ts-check
import { html } from "./html.js";

/**
 * The form that asks for a token. It works without a script, and never shows what was entered.
 * @param {{ problem: string | null, back: string }} props `problem`: why the last attempt failed;
 * `back`: the path that was asked for.
 */
export function SignIn({ problem, back }) {
  return html`
    <main class="sign-in">
      <h1>lmcp-hub</h1>
      <form method="post" action="/sign-in">
        ${problem !== null && html`<p id="problem" role="alert">${problem}</p>`}
        <input type="hidden" name="back" value=${back} />
        <label for="token">Token</label>
        <input
          id="token"
          name="token"
          type="password"
          autocomplete="current-password"
          autocapitalize="none"
          spellcheck="false"
          required
          autofocus
          aria-describedby=${problem === null ? "hint" : "problem hint"}
          aria-invalid=${problem === null ? undefined : "true"}
        />
        <p id="hint">The hub's own token, or that of a client.</p>
        <button type="submit">Sign in</button>
      </form>
    </main>
  `;
}
