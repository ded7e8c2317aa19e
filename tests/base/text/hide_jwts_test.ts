import assert from "node:assert/strict";
import { hideJwts } from "../../../lib/base/text/hide_jwts.ts";
import { assertCheap } from "../../assert_cheap.ts";

const JWT = `eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJhbm4ifQ.${"s_-S".repeat(20)}`;

Deno.test("hideJwts() hides all that looks like a signed JWT, wherever it stands", () => {
  for (
    const [before, after] of [["", ""], ["Bearer ", ""], ['{"t":"', '"}'], ["a=", "&b"], [
      "\n",
      "\n",
    ]]
  ) {
    assert.equal(hideJwts(`${before}${JWT}${after}`), `${before}[secret]${after}`);
  }
  assert.equal(hideJwts(`${JWT} ${JWT}`), "[secret] [secret]");
  assert.ok(!hideJwts(`\\n${JWT}`).includes("s_-S"), "behind a character that could be its own");
});

Deno.test("hideJwts() leaves other texts as they are", () => {
  for (const text of ["", "a.b.c", "www.eyJ.example.org", "eyJhbGciOiJFUzI1NiJ9", "1.2.3"]) {
    assert.equal(hideJwts(text), text);
  }
});

Deno.test("hideJwts() takes time that grows with the text alone", async () => {
  for (const part of ["eyJ", "eyJa.", "a".repeat(20) + ".eyJ" + "b".repeat(20) + ".", "-"]) {
    const text = part.repeat(Math.ceil(1_000_000 / part.length)) + ".eyJ";
    await assertCheap(1_000, () => hideJwts(text));
  }
});
