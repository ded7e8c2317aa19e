import assert from "node:assert/strict";
import { movableClock, openGate } from "../gate_lab.ts";
import { makeKey, startIssuer, tokenOf } from "../issuer.ts";
import { countOf, MINUTE, UNKNOWN } from "./lab.ts";

Deno.test("made-up keys have an issuer asked once in half a minute", async () => {
  const clock = movableClock();
  await using issuer = await startIssuer();
  await using lab = openGate([issuer], { clock });
  assert.equal(await lab.judge(await tokenOf(issuer)), "ann");
  for (let minute = 0; minute < 2; minute++) {
    clock.move(MINUTE);
    for (let count = 0; count < 50; count++) {
      const key = { ...await makeKey("k9"), kid: `made-up-${minute}-${count}` };
      assert.equal(await lab.judge(await tokenOf(issuer, { key })), UNKNOWN);
    }
    assert.equal(await lab.judge(await tokenOf(issuer, { claims: { jti: `${minute}` } })), "ann");
  }
  assert.equal(countOf(issuer.asked), 3);
});

Deno.test("a flood of made-up keys takes nobody's turn", async () => {
  await using issuer = await startIssuer();
  await using lab = openGate([issuer]);
  assert.equal(await lab.judge(await tokenOf(issuer)), "ann");
  const key = await makeKey("k9");
  const [madeUp, good] = await Promise.all([
    Promise.all(Array.from({ length: 300 }, (_, at) => (
      tokenOf(issuer, { key: { ...key, kid: `made-up-${at}` } })
    ))),
    Promise.all(
      Array.from({ length: 20 }, (_, at) => tokenOf(issuer, { claims: { jti: `${at}` } })),
    ),
  ]);
  const flood = Promise.all(madeUp.map(lab.judge));
  assert.deepEqual(new Set(await Promise.all(good.map(lab.judge))), new Set(["ann"]));
  assert.deepEqual(new Set(await flood), new Set([UNKNOWN, "busy"]));
});

Deno.test("wrong signatures are soon checked slowly, a right one among them too", async () => {
  await using issuer = await startIssuer();
  await using lab = openGate([issuer]);
  const known = await tokenOf(issuer);
  assert.equal(await lab.judge(known), "ann");
  const key = await makeKey("k1");
  const wrong = await Promise.all(
    Array.from({ length: 110 }, (_, n) => tokenOf(issuer, { key, claims: { jti: `${n}` } })),
  );
  const right = await tokenOf(issuer, { claims: { jti: "new" } });
  for (const token of wrong.slice(0, 10)) assert.match(await lab.judge(token), /wrong signature/);
  const startedAt = performance.now();
  assert.equal(await lab.judge(right), "ann");
  const ms = performance.now() - startedAt;
  assert.ok(ms >= 40, `${ms} ms`);
  let refused = 0;
  const judged = wrong.slice(10).map(async (token) => {
    const verdict = await lab.judge(token);
    if (verdict !== "busy") refused++;
    return verdict;
  });
  assert.equal(await lab.judge(known), "ann");
  assert.equal(await lab.judge(right), "ann");
  assert.equal(refused, 0, "who is known waited for what is wrong");
  const counts = Map.groupBy(await Promise.all(judged), (verdict) => verdict);
  assert.equal(counts.get("busy")?.length, 100 - 64);
});
