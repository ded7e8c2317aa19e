// @ts-check
/// <reference lib="dom" />
import { hydrate, render } from "preact";
import { html } from "../views/html.js";
import { Page, WITHOUT_SCRIPT } from "../views/page.js";
import { share } from "./merge.js";

/** @import { PageData } from "../model.ts" */
/** @import { Live } from "../views/page.js" */
/** @import { PageScript } from "../views/script.js" */

/** @typedef {ReturnType<typeof createScreen>} Screen */

/**
 * What is shown, drawn at most once a frame.
 * @param {PageData} first
 */
export function createScreen(first) {
  let data = first;
  let live = WITHOUT_SCRIPT;
  // Until the page that the server has written is taken over.
  let isDue = true;

  function drawSoon() {
    if (isDue) return;
    isDue = true;
    requestAnimationFrame(draw);
  }

  function draw() {
    isDue = false;
    render(html`<${Page} data=${data} live=${live} />`, document.body);
  }

  return {
    data: () => data,
    /**
     * Takes over the page that the server has written.
     * @param {PageScript} script
     */
    begin(script) {
      live = { ...live, script };
      hydrate(html`<${Page} data=${first} live=${live} />`, document.body);
      isDue = false;
      if (data !== first) drawSoon();
    },
    /** @param {PageData} next */
    show(next) {
      data = next;
      drawSoon();
    },
    /** @param {Partial<Live>} changes */
    change(changes) {
      const next = share(live, { ...live, ...changes });
      if (next === live) return;
      live = next;
      drawSoon();
    },
  };
}
