import assert from "node:assert/strict";
import { didYouMean, nearNames } from "../../../lib/base/text/near_names.ts";
import { assertCheap } from "../../assert_cheap.ts";

Deno.test("nearNames() returns names at most two edits away, nearest first", () => {
  assert.deepEqual(nearNames("lmcp_ur", ["tags", "lmcp_urls", "lmcp_url"]), [
    "lmcp_url",
    "lmcp_urls",
  ]);
});

for (
  const typo of ["esla", "sla", "xtesla", "xxtesla", "tesl", "tes", "teslaxx", "txsxa", "etsla"]
) {
  Deno.test(`nearNames() finds "tesla" for "${typo}"`, () => {
    assert.deepEqual(nearNames(typo, ["tesla"]), ["tesla"]);
  });
}

for (const other of ["la", "xxxtesla", "xexlx", "boltzmann"]) {
  Deno.test(`nearNames() does not find "tesla" for "${other}"`, () => {
    assert.deepEqual(nearNames(other, ["tesla"]), []);
  });
}

Deno.test("nearNames() finds another case", () => {
  assert.deepEqual(nearNames("TESLA", ["tesla"]), ["tesla"]);
  assert.deepEqual(nearNames("tesla", ["TESLA"]), ["TESLA"]);
});

Deno.test("nearNames() finds a short name, of which two letters are in the wrong order", () => {
  assert.deepEqual(nearNames("tgas", ["tags"]), ["tags"]);
  assert.deepEqual(nearNames("wbe1", ["web1", "db1"]), ["web1"]);
  assert.deepEqual(nearNames("gsat", ["tags"]), []);
  assert.deepEqual(nearNames("atgs", ["tags"]), ["tags"]);
  assert.deepEqual(nearNames("taxy", ["tags"]), []);
  assert.deepEqual(nearNames("ba", ["ab"]), []);
});

Deno.test("nearNames() does not take short names for each other", () => {
  assert.deepEqual(nearNames("a", ["b", "cd"]), []);
});

Deno.test("didYouMean() asks for the near names, or nothing", () => {
  assert.equal(didYouMean("a2345", ["12345", "b2345"]), '; did you mean "12345" or "b2345"?');
  assert.equal(didYouMean("a", ["boltzmann"]), "");
});

Deno.test("nearNames() compares a long name with none", () => {
  const long = "a".repeat(64);
  assert.deepEqual(nearNames(long, [`${long}b`, `${long}bbb`]), [`${long}b`]);
  assert.deepEqual(nearNames(`${long}a`, [long]), []);
});

for (
  const [what, name] of [
    ["a very long name", "b".repeat(1_000_000)],
    ["a name that begins as all do", `${"b".repeat(58)}+xyz`],
  ] as const
) {
  Deno.test(`nearNames() looks for ${what} among two thousand without delay`, async () => {
    const known = Array.from({ length: 2_000 }, (_, index) => `${"b".repeat(58)}-${index + 100}`);
    await assertCheap(2_000, () => assert.deepEqual(nearNames(name, known), []));
  });
}
