import assert from "node:assert/strict";
import { readDocument } from "../documents.ts";
import { createShows, findStale, listed, shownTexts } from "./entries.ts";
import { NO_TROUBLE } from "./no_trouble.ts";
import { operatorTexts } from "./texts.ts";

const page = shownTexts(await readDocument("docs/troubleshooting.md"));
const texts = await operatorTexts();

Deno.test("docs/troubleshooting.md has every text that an operator may have to look up", () => {
  const shows = createShows(page);
  const missing = texts.filter((text) => !NO_TROUBLE.includes(listed(text)) && !shows(text));
  assert.deepEqual(missing, [], "add them to an entry, or to no_trouble.ts");
  assert.ok(texts.length > 500);
});

Deno.test("docs/troubleshooting.md has no text that nothing prints", () => {
  assert.deepEqual(findStale(page, texts), []);
});

Deno.test("no_trouble.ts lists only texts that there are", () => {
  const all = new Set(texts.map(listed));
  assert.deepEqual(NO_TROUBLE.filter((text) => !all.has(text)), []);
});
