import assert from "node:assert/strict";
import { luaQuote } from "../../lib/tools/lua_quote.ts";

for (
  const [text, quoted] of [
    ["", '""'],
    ["plain", '"plain"'],
    ['say "hi"', '"say \\"hi\\""'],
    ["back\\slash", '"back\\\\slash"'],
    ["line\nfeed", '"line\\\nfeed"'],
    ["\0", '"\\0"'],
    ["\x001", '"\\0001"'],
    ["\r\t\x1f\x7f", '"\\13\\9\\31\\127"'],
    ["\t9", '"\\0099"'],
    ["\x7f0", '"\\1270"'],
    ["\x85é☃🙂", '"\x85é☃🙂"'],
  ] as const
) {
  Deno.test(`luaQuote() of ${JSON.stringify(text)} is Lua's %q`, () => {
    assert.equal(luaQuote(text), quoted);
  });
}
