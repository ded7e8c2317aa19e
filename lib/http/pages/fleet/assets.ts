import { createHash } from "node:crypto";
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

/** Modules import one another as they do in the source tree. */
const FILES: readonly (readonly [path: string, asset: Asset])[] = [
  ["style.css", styles(`${uplotStyle}\n${STYLE}`)],
  ["icon.svg", { text: icon, contentType: "image/svg+xml" }],
  ...MODULES.map(([path, text]) => [path, script(text)] as const),
  ["packages/preact.js", script(preact)],
  ["packages/preact_hooks.js", script(hooks)],
  ["packages/htm.js", script(htm)],
  ["packages/uplot.js", script(uplot)],
];

/** Changes with any of them, and so does where they are: what a browser has kept is never out of date. */
export const ASSETS_TAG: string = createHash("sha256")
  .update(FILES.map(([path, { text }]) => `${path}\n${text}`).join("\n"))
  .digest("hex").slice(0, 16);

/** Where a file is, by its place in the source tree. */
export function assetPath(file: string): string {
  return `/assets/${ASSETS_TAG}/${file}`;
}

/** All of them, by path. */
export const ASSETS: ReadonlyMap<string, Asset> = new Map(
  FILES.map(([file, asset]) => [assetPath(file), asset]),
);

/** What bare names mean in the browser, as `imports` of deno.json says it for the server. */
export const IMPORT_MAP: string = JSON.stringify({
  imports: {
    "preact": assetPath("packages/preact.js"),
    "preact/hooks": assetPath("packages/preact_hooks.js"),
    "htm": assetPath("packages/htm.js"),
    "uplot/dist/uPlot.esm.js": assetPath("packages/uplot.js"),
  },
});

/** What the content security policy calls the import map by. */
export const IMPORT_MAP_HASH = `sha256-${createHash("sha256").update(IMPORT_MAP).digest("base64")}`;
