import { createHash } from "node:crypto";
import htmPreact from "htm/preact" with { type: "text" };
import htm from "htm" with { type: "text" };
import preact from "preact" with { type: "text" };
import hooks from "preact/hooks" with { type: "text" };
import uplot from "uplot/dist/uPlot.esm.js" with { type: "text" };
import uplotStyle from "uplot/dist/uPlot.min.css" with { type: "text" };
import icon from "./icon.svg" with { type: "text" };
import { MODULES } from "./modules.ts";
import { STYLE } from "./style_sheet.ts";

/** A file that pages load. */
export interface Asset {
  readonly text: string;
  readonly contentType: string;
}

const script = (text: string): Asset => ({ text, contentType: "text/javascript; charset=utf-8" });
const styles = (text: string): Asset => ({ text, contentType: "text/css; charset=utf-8" });

/** All of them, by path; modules import one another as they do in the source tree. */
export const ASSETS: ReadonlyMap<string, Asset> = new Map([
  ["/assets/style.css", styles(`${uplotStyle}\n${STYLE}`)],
  ["/assets/icon.svg", { text: icon, contentType: "image/svg+xml" }],
  ...MODULES.map(([path, text]) => [`/assets/${path}`, script(text)] as const),
  ["/assets/packages/preact.js", script(preact)],
  ["/assets/packages/preact_hooks.js", script(hooks)],
  ["/assets/packages/htm.js", script(htm)],
  ["/assets/packages/htm_preact.js", script(htmPreact)],
  ["/assets/packages/uplot.js", script(uplot)],
]);

/** What bare names mean in the browser, as `imports` of deno.json says it for the server. */
export const IMPORT_MAP: string = JSON.stringify({
  imports: {
    "preact": "/assets/packages/preact.js",
    "preact/hooks": "/assets/packages/preact_hooks.js",
    "htm": "/assets/packages/htm.js",
    "htm/preact": "/assets/packages/htm_preact.js",
    "uplot/dist/uPlot.esm.js": "/assets/packages/uplot.js",
  },
});

/** What the content security policy calls the import map by. */
export const IMPORT_MAP_HASH = `sha256-${createHash("sha256").update(IMPORT_MAP).digest("base64")}`;

/** Changes with any asset: the entity tag of all of them. */
export const ASSETS_TAG: string = createHash("sha256")
  .update([...ASSETS].map(([path, { text }]) => `${path}\n${text}`).join("\n"))
  .digest("hex").slice(0, 16);
