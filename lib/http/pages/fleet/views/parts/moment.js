// @ts-check
import { html } from "../html.js";
import { useContext, useLayoutEffect, useRef } from "preact/hooks";
import { Script } from "../script.js";
import { exactText, fixedText, isoText } from "../words/times.js";

/** @import { Way } from "../words/times.js" */

/**
 * A moment: absolute, until the script writes how long ago it was.
 * @param {{ at: number, way: Way, class?: string }} props
 */
export function Moment({ at, way, class: name }) {
  const script = useContext(Script);
  const element = useRef(null);
  useLayoutEffect(() => script?.followTime(element.current, at, way), [script, at, way]);
  return html`
    <time ref=${element} class=${name} datetime=${isoText(at)} title=${exactText(at)}>${fixedText(
      way,
      at,
    )}</time>
  `;
}
