import { html } from "../../../../../lib/http/pages/fleet/views/html.js";
import { render } from "preact-render-to-string";
import type { PageData } from "../../../../../lib/http/pages/fleet/model.ts";
import { Page } from "../../../../../lib/http/pages/fleet/views/page.js";

/** The body of a page as the server writes it. */
export function renderPage(data: PageData): string {
  return render(html`<${Page} data=${data} />`);
}

/** What a reader without eyes for elements gets. */
export function textOf(markup: string): string {
  return markup.replace(/<[^>]*>/g, " ").replaceAll("&lt;", "<").replaceAll("&amp;", "&")
    .replace(/\s+/g, " ").trim();
}

/** How often something occurs. */
export function countOf(text: string, part: string): number {
  return text.split(part).length - 1;
}
