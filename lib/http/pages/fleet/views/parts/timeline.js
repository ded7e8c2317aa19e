// @ts-check
import { html } from "../html.js";
import { conditionOf, conditionWord } from "../words/hosts.js";
import { exactText, hourText, isoText, spanText } from "../words/times.js";

/** @import { HostRow, StatusSpan } from "../../model.ts" */

const HOUR = 60 * 60 * 1000;
const WIDTH = 1000;

/** How high a span is, so that trouble rises above the rest without its colour, too. */
const HEIGHTS = { up: 12, instead: 24, down: 40, unknown: 4 };

/**
 * A host's status over the last hour: as a picture, and in words.
 * @param {{ spans: readonly StatusSpan[], paths: HostRow["paths"], now: number }} props
 */
export function Timeline({ spans, paths, now }) {
  const from = now - HOUR;
  const shown = spans.filter(({ to }) => (to ?? now) > from);
  if (shown.length === 0) return html`<p class="empty">Nothing was seen in the last hour.</p>`;
  return html`
    <svg class="timeline" viewBox="0 0 ${WIDTH} 40" preserveAspectRatio="none" aria-hidden="true">
      <path class="ground" d=${groundOf()} />
      ${shown.map((span) =>
        html`<${Bar} key=${span.from} span=${span} paths=${paths} now=${now} />`
      )}
    </svg>
    <p class="scale" aria-hidden="true">
      <span>${hourText(from)} UTC</span><span>${hourText(from + HOUR / 2)}</span><span>${hourText(
        now,
      )}</span>
    </p>
    <ol class="spans" reversed>${shown.toReversed().map((span) =>
      html`<${Span} key=${span.from} span=${span} paths=${paths} now=${now} />`
    )}</ol>
  `;
}

/** Lines each ten minutes. */
function groundOf() {
  return Array.from({ length: 7 }, (_, index) => `M${(index * WIDTH) / 6} 0V40`).join("");
}

/** @typedef {{ span: StatusSpan, paths: HostRow["paths"], now: number }} SpanProps */

/** @param {SpanProps} props */
function Bar({ span: { status, from, to }, paths, now }) {
  const condition = conditionOf({ status, paths });
  const start = placeOf(from, now);
  const height = HEIGHTS[condition];
  return html`
    <rect class=${condition} x=${start} y=${40 - height}
      width=${Math.max(1.5, placeOf(to ?? now, now) - start)} height=${height} />
  `;
}

/**
 * @param {number} at
 * @param {number} now
 */
function placeOf(at, now) {
  return Math.max(0, Math.round(((at - now + HOUR) / HOUR) * WIDTH * 10) / 10);
}

/** @param {SpanProps} props */
function Span({ span: { status, reason, from, to }, paths, now }) {
  const condition = conditionOf({ status, paths });
  return html`
    <li>
      <span class="mark ${condition}">${conditionWord(condition)}</span>
      ${" for "}${spanText((to ?? now) - from)}${", "}
      <time datetime=${isoText(from)} title=${exactText(from)}>${hourText(from)}</time>${to === null
        ? " until now"
        : html`${" to "}<time datetime=${isoText(to)} title=${exactText(to)}>${
          hourText(to)
        }</time>`}${reason !== null && html`<span class="reason">: ${reason}</span>`}
    </li>
  `;
}
