// @ts-check
import { html } from "./html.js";
import { CallsPage } from "./calls.js";
import { HostPage } from "./host.js";
import { HostsPage } from "./hosts.js";
import { OverviewPage } from "./overview.js";
import { ContactState } from "./parts/contact.js";
import { Script } from "./script.js";

/** @import { PageData, Viewer } from "../model.ts" */
/** @import { Shown } from "./hosts.js" */
/** @import { Contact } from "./parts/contact.js" */
/** @import { PageScript } from "./script.js" */

/**
 * What only the script knows.
 * @typedef {object} Live
 * @property {PageScript | null} script
 * @property {Contact} contact
 * @property {{ readonly text: string, readonly isProblem: boolean } | null} notice the result of an action
 * @property {Shown | null} shown which hosts are shown; null: those of the page's data
 */

/** @type {Live} */
export const WITHOUT_SCRIPT = {
  script: null,
  contact: { kind: "fixed" },
  notice: null,
  shown: null,
};

/**
 * The body of every page; the server renders it first, then the page's script.
 * @param {{ data: PageData, live?: Live }} props
 */
export function Page({ data, live = WITHOUT_SCRIPT }) {
  const { contact, notice, script } = live;
  const { now, viewer } = data.overview;
  return html`
    <${Script.Provider} value=${script}>
      <a class="skip" href="#main">Skip to the content</a>
      <header class="top">
        <a class="brand" href="/" aria-label="lmcp-hub, overview">lmcp<b>hub</b></a>
        <${Pages} page=${data.page} />
        <${ContactState} contact=${contact} now=${now} />
        <${Account} viewer=${viewer} />
      </header>
      <main id="main" tabindex="-1" class=${contact.kind === "lost" || contact.kind === "signed_out"
        ? "stale"
        : ""}>
        <${Content} data=${data} live=${live} />
      </main>
      <div class="notices" role="status">${notice !== null &&
        html`<p class=${notice.isProblem ? "notice bad" : "notice good"}>${notice.text}</p>`}</div>
      <//>
  `;
}

/** @param {{ data: PageData, live: Live }} props */
function Content({ data, live }) {
  const { overview } = data;
  switch (data.page) {
    case "overview":
      return html`<${OverviewPage} overview=${overview} />`;
    case "hosts":
      return html`<${HostsPage} hosts=${overview.hosts} shown=${live.shown ?? shownBy(data)} />`;
    case "host": {
      const row = overview.hosts.find(({ name }) => name === data.detail.row.name) ?? null;
      return html`<${HostPage} detail=${data.detail} row=${row} now=${overview.now} />`;
    }
    case "calls":
      return html`<${CallsPage} calls=${overview.calls} order=${data.order} />`;
  }
}

/**
 * Which hosts the server found; all of them where the filter cannot be read.
 * @param {Extract<PageData, { page: "hosts" }>} data
 * @returns {Shown}
 */
export function shownBy({ query, sort, match }) {
  return match.kind === "problem"
    ? { query, sort, names: null, problem: match.problem }
    : { query, sort, names: query.trim() === "" ? null : match.names, problem: null };
}

const PAGES = [
  { label: "Overview", path: "/", pages: ["overview"] },
  { label: "Hosts", path: "/hosts", pages: ["hosts", "host"] },
  { label: "Calls", path: "/calls", pages: ["calls"] },
];

/** @param {{ page: PageData["page"] }} props */
function Pages({ page }) {
  return html`
    <nav class="pages" aria-label="Pages">
      <ul>${PAGES.map(({ label, path, pages }) =>
        html`<li key=${path}><a href=${path} aria-current=${
          pages.includes(page) ? "page" : undefined
        }>${label}</a></li>`
      )}</ul>
    </nav>
  `;
}

/** @param {{ viewer: Viewer }} props */
function Account({ viewer: { name, isSignedIn } }) {
  return html`
    <div class="account">
      <span class="viewer" title="Signed in as ${name}">${name}</span>
      ${isSignedIn && html`
        <form method="post" action="/sign-out"><button class="small">Sign out</button></form>
      `}
    </div>
  `;
}
