// @ts-check
/// <reference lib="dom" />
import { render } from "preact";
import { html } from "htm/preact";
import { Page, WITHOUT_SCRIPT } from "../views/page.js";
import { share } from "./merge.js";

/** @import { PageData } from "../model.ts" */
/** @import { Live } from "../views/page.js" */

/** @typedef {ReturnType<typeof createScreen>} Screen */

/**
 * What is shown, drawn at most once a frame.
 * @param {PageData} first
 */
export function createScreen(first) {
  let data = first;
  let live = WITHOUT_SCRIPT;
  let isDue = false;

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
