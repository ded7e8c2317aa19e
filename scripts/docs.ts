/** `deno task docs`: rewrites the tables of `docs/configuration.md` that are generated from the code. */
import { fillSections } from "./docs/sections.ts";
import { TABLES } from "./docs/tables.ts";

const path = new URL("../docs/configuration.md", import.meta.url);
const text = await Deno.readTextFile(path);
const filled = fillSections(text, TABLES);
if (filled !== text) await Deno.writeTextFile(path, filled);
console.log(`docs/configuration.md: ${filled === text ? "up to date" : "rewritten"}`);
