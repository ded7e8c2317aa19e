import assert from "node:assert/strict";
import { didYouMean, nearNames } from "../../lib/base/near_names.ts";

Deno.test("nearNames() gives names at most two edits away, nearest first", () => {
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

Deno.test("nearNames() does not take short names for each other", () => {
  assert.deepEqual(nearNames("a", ["b", "cd"]), []);
});

Deno.test("didYouMean() asks for the near names, or nothing", () => {
  assert.equal(didYouMean("a2345", ["12345", "b2345"]), '; did you mean "12345" or "b2345"?');
  assert.equal(didYouMean("a", ["boltzmann"]), "");
});
