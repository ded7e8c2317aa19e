// @ts-check
import { html } from "../html.js";
import { Component } from "preact";
import { conditionOf, conditionWord } from "../words/hosts.js";

/** @import { HostRow } from "../../model.ts" */

/**
 * A small field for each host, always at the same place, so that the eye learns where they are. For
 * those who see it: the table says the same.
 * @param {{ hosts: readonly HostRow[] }} props
 */
export function HostMap({ hosts }) {
  return html`
    <div class="map" aria-hidden="true">${hosts.map((host) =>
      html`<${Field} key=${host.name} host=${host} />`
    )}</div>
  `;
}

/**
 * Drawn again when its host is another object.
 * @extends {Component<{ host: HostRow }>}
 */
class Field extends Component {
  /**
   * @override
   * @param {{ host: HostRow }} next
   */
  shouldComponentUpdate({ host }) {
    return host !== this.props.host;
  }

  /** @override */
  render() {
    const { host } = this.props;
    const condition = conditionOf(host);
    return html`
      <a class=${condition} tabindex="-1" href="/hosts/${encodeURIComponent(host.name)}"
        title="${host.name}: ${conditionWord(condition)}"></a>
    `;
  }
}
