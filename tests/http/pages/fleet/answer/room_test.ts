import assert from "node:assert/strict";
import { createAnswerRoom } from "../../../../../lib/http/pages/fleet/answer/room.ts";
import { createFakeClock } from "../../../../base/time/fake_clock.ts";

const MIB = 1024 * 1024;
const ANN = { name: "ann", isOperator: false };
const BOB = { name: "bob", isOperator: false };
const OPERATOR = { name: "default", isOperator: true };

function setUp() {
  const clock = createFakeClock();
  const answerWithin = createAnswerRoom({ clock, stallMs: 30_000 });
  const completed = Promise.withResolvers<void>();
  const answer = (claimant = ANN, bytes = 10 * MIB) =>
    answerWithin(
      { claimant, completed: completed.promise },
      () => new Response("x".repeat(bytes), { status: 201, headers: { "x-test": "1" } }),
    );
  return { clock, answerWithin, answer, completed };
}

Deno.test("createAnswerRoom() hands an answer out as it is, and says how long it is", async () => {
  const { answer, clock } = setUp();
  const response = await answer(ANN, 200_000);
  assert.equal(response?.status, 201);
  assert.deepEqual(
    ["x-test", "content-length", "content-type"].map((name) => response?.headers.get(name)),
    ["1", "200000", "text/plain;charset=UTF-8"],
  );
  assert.equal((await response?.text())?.length, 200_000);
  assert.equal(clock.pending(), 0);
});

Deno.test("createAnswerRoom() has no room for more than half of it to one principal, until that has read", async () => {
  const { answer } = setUp();
  const held = [await answer(), await answer(), await answer()];
  assert.ok(held.every((response) => response !== null));
  assert.equal(await answer(), null);
  assert.notEqual(await answer(BOB), null);
  assert.notEqual(await answer(OPERATOR), null);
  await held[0]?.text();
  assert.notEqual(await answer(), null);
});

Deno.test("createAnswerRoom() gives back what is not read for 30 s, or is no longer wanted", async () => {
  const { answer, clock } = setUp();
  const fill = async () => [await answer(), await answer(), await answer()];
  await fill();
  clock.advance(29_999);
  assert.equal(await answer(), null);
  clock.advance(1);
  for (const response of await fill()) await response?.body?.cancel();
  assert.ok((await fill()).every((response) => response !== null));
});

Deno.test("createAnswerRoom() gives back what an answer took that cannot be made", async () => {
  const { answerWithin, answer, completed } = setUp();
  const bug = new TypeError("a bug");
  for (let count = 0; count < 1_000; count++) {
    const make = () => Promise.reject(bug);
    const failing = answerWithin({ claimant: ANN, completed: completed.promise }, make);
    await assert.rejects(failing, bug);
  }
  assert.notEqual(await answer(), null);
});

Deno.test("createAnswerRoom() passes on answers without content", async () => {
  const { answerWithin } = setUp();
  for (let count = 0; count < 1_000; count++) {
    const redirect = () => new Response(null, { status: 304 });
    const answer = await answerWithin({ claimant: ANN, completed: Promise.resolve() }, redirect);
    assert.equal(answer?.status, 304);
  }
});
