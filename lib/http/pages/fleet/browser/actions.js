// @ts-check
/// <reference lib="dom" />

/**
 * Sends the page's actions without leaving it: forms that say what to report when they are done.
 * @param {{
 *   post: (path: string, body: URLSearchParams) => Promise<{ problem: string | null }>,
 *   onDone: (result: { text: string, isProblem: boolean }) => void,
 * }} options
 */
export function interceptActions({ post, onDone }) {
  /** @type {WeakSet<HTMLFormElement>} */
  const busy = new WeakSet();

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!(form instanceof HTMLFormElement) || form.dataset.done === undefined) return;
    event.preventDefault();
    if (!busy.has(form)) send(form, event.submitter, form.dataset.done);
  });

  /**
   * @param {HTMLFormElement} form
   * @param {HTMLElement | null} button
   * @param {string} done
   */
  async function send(form, button, done) {
    busy.add(form);
    button?.setAttribute("aria-busy", "true");
    const { problem } = await post(form.action, fieldsOf(form));
    button?.removeAttribute("aria-busy");
    busy.delete(form);
    form.closest("dialog")?.close();
    onDone({ text: problem ?? done, isProblem: problem !== null });
  }
}

/** @param {HTMLFormElement} form */
function fieldsOf(form) {
  const fields = new URLSearchParams();
  for (const [name, value] of new FormData(form)) {
    if (typeof value === "string") fields.append(name, value);
  }
  return fields;
}
