// @ts-check
import { html } from "htm/preact";
import { HostTable } from "./hosts.js";

/** @import { PageData } from "../model.ts" */

/**
 * The body of every page; the server renders it first, then the page's script.
 * @param {{ data: PageData }} props
 */
export function Page({ data }) {
  return html`
    <main>
      <${HostTable} hosts=${data.overview.hosts} />
    </main>
  `;
}
