import assert from "node:assert/strict";
import {
  matchesWildcards,
  parseGlob,
  parseHostPattern,
} from "../../../lib/config/import/ssh_config/wildcards.ts";
import { assertCheap } from "../../assert_cheap.ts";

Deno.test("parseHostPattern() knows * and ?, and nothing else", () => {
  const rows = [
    ["*", "", true],
    ["web*", "web", true],
    ["*.lan", "a.b.lan", true],
    ["*.lan", "lan", false],
    ["w?b", "web", true],
    ["w?b", "wb", false],
    ["a*b*c", "aXbYbZc", true],
    ["a*b*c", "aXbYbZ", false],
    ["[ab]", "a", false],
    ["[ab]", "[ab]", true],
    ["A", "a", false],
  ] as const;
  for (const [pattern, text, wanted] of rows) {
    assert.equal(matchesWildcards(text, parseHostPattern(pattern)), wanted, `${pattern} ${text}`);
  }
});

Deno.test("parseGlob() matches as bash does", async () => {
  const patterns = ["*", "a*", "?", "[ab]", "[!ab]", "[a-c]x", "[]]", "[", "a\\*", "[a", "*.c*f"];
  const texts = ["a", "b", "c", "]", "[", "[a", "a*", "ab", "bx", "x.conf", "x.conf.d"];
  for (const pattern of patterns) {
    for (const text of texts) {
      const { success } = await new Deno.Command("bash", {
        args: ["-c", "[[ $1 == $2 ]]", "bash", text, pattern],
      }).output();
      assert.equal(matchesWildcards(text, parseGlob(pattern)), success, `${pattern} ${text}`);
    }
  }
});

Deno.test("matchesWildcards() takes no longer for patterns that are made to take long", async () => {
  const pattern = parseHostPattern(`${"a*".repeat(2_000)}b`);
  const text = "a".repeat(4_000);
  await assertCheap(5_000, () => assert.equal(matchesWildcards(text, pattern), false));
});
