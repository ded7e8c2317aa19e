// @ts-check
/// <reference lib="dom" />
import { hydrate } from "preact";
import { html } from "htm/preact";
import { Page } from "../views/page.js";
import { openPage } from "./open_page.js";

/** @import { PageData } from "../model.ts" */

/** @type {PageData} */
const data = JSON.parse(document.getElementById("data")?.textContent ?? "null");
hydrate(html`<${Page} data=${data} />`, document.body);
openPage(data);
