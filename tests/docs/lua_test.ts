import assert from "node:assert/strict";
import { KNOWN_DIFFERENCES } from "../../scripts/compare_lua/known_differences.ts";
import { readDocument } from "./documents.ts";

Deno.test("docs/lua.md lists the known differences from the Lua hub's answers, and no other", async () => {
  const { text } = await readDocument("docs/lua.md");
  const [, section = ""] = /^### Answers\n(.*?)^### /ms.exec(text) ?? [];
  const listed = [...section.matchAll(/^- (.*(?:\n {2}.*)*)/gm)]
    .map(([, item = ""]) => item.replaceAll("\n  ", " "));
  assert.deepEqual(listed, KNOWN_DIFFERENCES.map(({ what }) => what));
});
