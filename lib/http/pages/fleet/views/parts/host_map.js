// @ts-check
import { html } from "htm/preact";
import { useMemo } from "preact/hooks";
import { conditionOf, conditionWord } from "../words/hosts.js";

/** @import { HostRow } from "../../model.ts" */
/** @import { VNode } from "preact" */

/**
 * A small field for each host, always at the same place, so that the eye learns where they are. For
 * those who see it: the table says the same.
 * @param {{ hosts: readonly HostRow[] }} props
 */
export function HostMap({ hosts }) {
  const drawn = useMemo(
    /** @returns {WeakMap<HostRow, VNode>} */
    () => new WeakMap(),
    [],
  );
  /** @param {HostRow} host */
  function fieldOf(host) {
    const known = drawn.get(host);
    if (known !== undefined) return known;
    const condition = conditionOf(host);
    const field = html`
      <a key=${host.name} class=${condition} tabindex="-1"
        href="/hosts/${encodeURIComponent(host.name)}"
        title="${host.name}: ${conditionWord(condition)}"></a>
    `;
    drawn.set(host, field);
    return field;
  }
  return html`<div class="map" aria-hidden="true">${hosts.map(fieldOf)}</div>`;
}
