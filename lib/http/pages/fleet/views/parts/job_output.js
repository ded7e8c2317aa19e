// @ts-check
import { html } from "../html.js";
import { useContext, useEffect, useRef, useState } from "preact/hooks";
import { Script } from "../script.js";

/**
 * A job's output, which the script follows while it grows.
 * @param {{ host: string, id: string, title: string }} props
 */
export function JobOutputView({ host, id, title }) {
  const script = useContext(Script);
  const element = useRef(null);
  const [words, setWords] = useState("reading");
  useEffect(
    () => script?.followOutput(element.current, { host, id }, setWords),
    [script, host, id],
  );
  return html`
    <pre ref=${element} class="output" tabindex="0" role="region"
      aria-label="Output of ${title}"></pre>
    <p class="summary" aria-live="polite">${words}</p>
  `;
}
