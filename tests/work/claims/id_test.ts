import assert from "node:assert/strict";
import { isClaimId, keyedClaimId, newClaimId, nextClaimId } from "../../../lib/work/claims/id.ts";

const ID = "0123456789abcdef0123456789abcdef";

for (
  const id of [
    "",
    ".",
    "..",
    "../x",
    "/etc",
    `${ID}/..`,
    `${ID}\n`,
    ` ${ID}`,
    `${ID}-`,
    `${ID}-0`,
    `${ID}-100`,
    `${ID}-2-3`,
    ID.toUpperCase(),
    ID.slice(1),
    `${ID}0`,
    `x${ID}`,
    ".since-b",
    "since",
    3,
    null,
    [ID],
  ]
) {
  Deno.test(`isClaimId() refuses ${JSON.stringify(id)}`, () => {
    assert.equal(isClaimId(id), false);
  });
}

Deno.test("isClaimId() knows what newClaimId(), keyedClaimId() and nextClaimId() make", () => {
  const keyed = keyedClaimId({ principal: "ann", host: "web1", key: "deploy 7" });
  for (const id of [newClaimId(), keyed, nextClaimId(newClaimId()), nextClaimId(keyed)]) {
    assert.equal(isClaimId(id), true, String(id));
  }
  assert.notEqual(newClaimId(), newClaimId());
});

Deno.test("keyedClaimId() is the same for the same principal, host and key, and for no other", () => {
  const key = { principal: "ann", host: "web1", key: "k" };
  const id = keyedClaimId(key);
  assert.equal(keyedClaimId({ ...key }), id);
  for (
    const other of [{ principal: "bob" }, { host: "web2" }, { key: "k2" }, {
      principal: "annweb1",
      host: "",
    }]
  ) {
    assert.notEqual(keyedClaimId({ ...key, ...other }), id);
  }
});

Deno.test("nextClaimId() counts from 2 to 99", () => {
  assert.equal(nextClaimId(ID), `${ID}-2`);
  assert.equal(nextClaimId(`${ID}-2`), `${ID}-3`);
  assert.equal(nextClaimId(`${ID}-98`), `${ID}-99`);
  assert.equal(nextClaimId(`${ID}-99`), null);
});
