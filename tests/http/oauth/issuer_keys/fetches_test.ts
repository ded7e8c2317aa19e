import assert from "node:assert/strict";
import { until } from "../../../processes.ts";
import { movableClock, openGate } from "../gate_lab.ts";
import { makeKey, startIssuer, tokenOf } from "../issuer.ts";
import { countOf, MINUTE, UNKNOWN } from "./lab.ts";

Deno.test("keys are fetched once, for all who wait for them", async () => {
  await using issuer = await startIssuer();
  await using lab = openGate([issuer]);
  const token = await tokenOf(issuer);
  const judged = await Promise.all(Array.from({ length: 20 }, () => lab.judge(token)));
  assert.deepEqual(new Set(judged), new Set(["ann"]));
  assert.equal(countOf(issuer.asked), 1);
});

Deno.test("keys that an issuer has changed are fetched for the first token with a new one", async () => {
  const clock = movableClock();
  await using issuer = await startIssuer();
  await using lab = openGate([issuer], { clock });
  const old = await tokenOf(issuer);
  assert.equal(await lab.judge(old), "ann");
  issuer.keys = [await makeKey("k2")];
  clock.move(MINUTE);
  assert.equal(await lab.judge(await tokenOf(issuer)), "ann");
  assert.equal(await lab.judge(old), UNKNOWN, "of a key that the issuer took back");
  assert.equal(countOf(issuer.asked), 2);
});

Deno.test("old keys are fetched again while nobody waits, and a removed one is then unknown", async () => {
  const clock = movableClock();
  await using issuer = await startIssuer();
  await using lab = openGate([issuer], { clock });
  const token = await tokenOf(issuer);
  assert.equal(await lab.judge(token), "ann");
  issuer.keys = [await makeKey("k2")];
  const released = Promise.withResolvers<null>();
  issuer.fault = () => released.promise;
  clock.move(11 * MINUTE);
  assert.equal(await lab.judge(token), "ann", "it does not wait");
  released.resolve(null);
  await until(async () => await lab.judge(token) === UNKNOWN);
});

Deno.test("keys of an issuer that is down are used for an hour, and none after it", async () => {
  const clock = movableClock();
  await using issuer = await startIssuer();
  await using lab = openGate([issuer], { clock });
  const token = await tokenOf(issuer, { claims: { exp: Date.now() / 1000 + 86_400 } });
  assert.equal(await lab.judge(token), "ann");
  issuer.fault = () => Promise.resolve(new Response(null, { status: 500 }));
  for (let minutes = 0; minutes < 59; minutes++) {
    clock.move(MINUTE);
    assert.equal(await lab.judge(token), "ann");
  }
  clock.move(MINUTE);
  assert.equal(await lab.judge(token), "unavailable");
  assert.equal(await lab.judge(token), "unavailable", "without another attempt");
  issuer.fault = null;
  clock.move(10_000);
  assert.equal(await lab.judge(token), "ann");
  assert.deepEqual(lab.lines.map((line) => line.split(" ", 5).slice(1).join(" ")), [
    "WARN cannot fetch the",
    "INFO the keys of",
  ]);
});

Deno.test("a token that is refused while a clock is wrong is accepted when it is set", async () => {
  const clock = movableClock();
  await using issuer = await startIssuer();
  await using lab = openGate([issuer], { clock });
  const token = await tokenOf(issuer);
  const idToken = await tokenOf(issuer, { header: { typ: "id_token+jwt" } });
  clock.move(100 * MINUTE);
  assert.equal(await lab.judge(token), "refused: The token has expired");
  assert.equal(await lab.judge(idToken), "refused: The token is not an access token");
  clock.move(-100 * MINUTE);
  assert.equal(await lab.judge(token), "ann");
  assert.equal(await lab.judge(idToken), "refused: The token is not an access token");
});

Deno.test("a token that was accepted is refused once it has expired", async () => {
  const clock = movableClock();
  await using issuer = await startIssuer();
  await using lab = openGate([issuer], { clock });
  const token = await tokenOf(issuer, { claims: { exp: Math.floor(Date.now() / 1000) + 60 } });
  assert.equal(await lab.judge(token), "ann");
  clock.move(2 * MINUTE);
  assert.equal(await lab.judge(token), "refused: The token has expired");
});
