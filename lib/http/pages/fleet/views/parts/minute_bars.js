// @ts-check
import { html } from "../html.js";
import { countText } from "../words/numbers.js";

/**
 * A small plot of how many there were each minute.
 * @param {{ counts: readonly number[] }} props
 */
export function MinuteBars({ counts }) {
  const most = Math.max(...counts, 1);
  const last = counts.at(-1) ?? 0;
  const words = `${countText(last)} in the last minute, at most ${
    countText(Math.max(...counts, 0))
  }`;
  return html`
    <svg class="bars" viewBox="0 0 ${Math.max(counts.length, 1) * 4} 40" preserveAspectRatio="none"
      role="img" aria-label="Calls a minute in the last hour: ${words}">
      <path class="ground" d="M0 39.5H${counts.length * 4}" />
      <path d=${counts.map((count, index) => barOf(index, count / most)).join("")} />
    </svg>
    <span class="aside">${words}</span>
  `;
}

/**
 * @param {number} index
 * @param {number} share of the highest bar
 */
function barOf(index, share) {
  if (share <= 0) return "";
  const height = Math.max(2, Math.round(share * 38));
  return `M${index * 4} 39v-${height}h3v${height}z`;
}
