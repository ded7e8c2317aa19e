// @ts-check
/// <reference lib="dom" />
import { openPage } from "./open_page.js";

openPage(JSON.parse(document.getElementById("data")?.textContent ?? "null"));
