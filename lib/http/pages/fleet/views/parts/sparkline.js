// @ts-check
import { html } from "../html.js";
import { useContext, useEffect, useRef } from "preact/hooks";
import { Script } from "../script.js";

/**
 * Where the script draws the latencies of a host's last hour; nothing without it.
 * @param {{ host: string }} props
 */
export function Sparkline({ host }) {
  const script = useContext(Script);
  const element = useRef(null);
  useEffect(() => script?.drawSparkline(element.current, host), [script, host]);
  return html`<span ref=${element} class="spark" aria-hidden="true"></span>`;
}
