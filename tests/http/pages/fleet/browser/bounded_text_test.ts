import assert from "node:assert/strict";
import { appendText, emptyText } from "../../../../../lib/http/pages/fleet/browser/bounded_text.js";

function appendAll(pieces: readonly string[], limit: number): ReturnType<typeof appendText> {
  return pieces.reduce((text, piece) => appendText(text, piece, limit), emptyText());
}

Deno.test("appendText() keeps all that is short enough", () => {
  assert.deepEqual(appendAll(["ab", "cd"], 4), { pieces: ["ab", "cd"], length: 4, dropped: 0 });
});

Deno.test("appendText() lets go of the first pieces, and counts what they had", () => {
  assert.deepEqual(appendAll(["abc", "de", "fg"], 5), {
    pieces: ["de", "fg"],
    length: 4,
    dropped: 3,
  });
});

Deno.test("appendText() keeps the end of a piece that is too long by itself", () => {
  assert.deepEqual(appendAll(["ab", "0123456789"], 4), { pieces: ["6789"], length: 4, dropped: 8 });
});
