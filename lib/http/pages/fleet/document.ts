import { html } from "./views/html.js";
import type { VNode } from "preact";
import { render } from "preact-render-to-string";
import { assetPath, ASSETS, IMPORT_MAP, IMPORT_MAP_HASH } from "./assets.ts";

/** One HTML page. */
export interface Document {
  readonly title: string;
  readonly body: VNode;
  readonly status?: number;
  /** What the page's script begins with, as JSON; absent: the page has no script. */
  readonly data?: unknown;
}

/** Nothing but this server's own files, and never in a frame. */
const POLICY = [
  "default-src 'none'",
  `script-src 'self' '${IMPORT_MAP_HASH}'`,
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join("; ");

/**
 * All modules are fetched at once, not one after the other as they import one another; but what one sees
 * is painted first, so the page's script takes them out of their template.
 */
const PRELOADS = [...ASSETS.keys()].filter((path) => path.endsWith(".js"))
  .map((path) => `<link rel="modulepreload" href="${path}">`).join("\n");

/** Sent with all that belongs to the fleet page. */
export const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  "content-security-policy": POLICY,
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
  // With "no-referrer" browsers hide the Origin of our own forms, too.
  "referrer-policy": "same-origin",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
};

/** Writes a page; it works without its script, which takes over what `data` describes. */
export function htmlResponse({ title, body, status = 200, data }: Document): Response {
  const scripts = data === undefined ? "" : `<script type="importmap">${IMPORT_MAP}</script>
<template id="modules">
${PRELOADS}
</template>
<script type="module" src="${assetPath("browser/main.js")}"></script>`;
  // Behind what one sees, which is painted before all of it has come.
  const embedded = data === undefined
    ? ""
    : `<script type="application/json" id="data">${embedJson(data)}</script>`;
  const text = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${render(html`${title}`)}</title>
<link rel="icon" href="${assetPath("icon.svg")}" type="image/svg+xml">
<link rel="stylesheet" href="${assetPath("style.css")}">
${scripts}
</head>
<body>${render(body)}${embedded}</body>
</html>
`;
  return new Response(text, {
    status,
    headers: {
      ...SECURITY_HEADERS,
      "content-type": "text/html; charset=utf-8",
      "cache-control": "no-store",
    },
  });
}

/** JSON that cannot end the element that it is in. */
function embedJson(data: unknown): string {
  return JSON.stringify(data).replaceAll("<", "\\u003c");
}
