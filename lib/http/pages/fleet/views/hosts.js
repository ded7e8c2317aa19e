// @ts-check
import { html } from "htm/preact";

/** @import { HostRow } from "../model.ts" */

/**
 * The table of hosts.
 * @param {{ hosts: readonly HostRow[] }} props
 */
export function HostTable({ hosts }) {
  return html`
    <table>
      <tbody>${hosts.map((host) =>
        html`
          <tr key=${host.name}>
            <td>${host.name}</td>
            <td>${host.status}</td>
          </tr>
        `
      )}</tbody>
    </table>
  `;
}
