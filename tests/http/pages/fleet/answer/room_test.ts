import assert from "node:assert/strict";
import {
  createByteBudget,
  type Receiver,
} from "../../../../../lib/http/pages/fleet/answer/budget.ts";
import { createAnswerRoom } from "../../../../../lib/http/pages/fleet/answer/room.ts";
import { createFakeClock } from "../../../../base/time/fake_clock.ts";

const MIB = 1024 * 1024;
const ANN = visitor("ann");
const BOB = visitor("bob");
const OPERATOR = { ...ANN, claimant: { name: "default", isOperator: true } };

function visitor(name: string): Receiver {
  return { pool: "visitors", claimant: { name, isOperator: false }, sessionId: null };
}

function setUp() {
  const clock = createFakeClock();
  const budget = createByteBudget(() => {});
  const answerWithin = createAnswerRoom({ clock, stallMs: 30_000, budget });
  const completed = Promise.withResolvers<void>();
  const answer = (receiver = ANN, bytes = 6 * MIB) =>
    answerWithin(
      { ...receiver, completed: completed.promise },
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

Deno.test("createAnswerRoom() has no room for more than half of it to one session, and more to others", async () => {
  const { answer } = setUp();
  const [one, other] = [{ ...OPERATOR, sessionId: "one" }, { ...OPERATOR, sessionId: "other" }];
  for (let count = 0; count < 3; count++) assert.notEqual(await answer(one), null);
  assert.equal(await answer(one), null);
  assert.notEqual(await answer(other), null);
});

Deno.test("createAnswerRoom() has room for visitors and other strangers, whatever strangers at one address leave unread", async () => {
  const { answer } = setUp();
  const stranger = (name: string, pool: Receiver["pool"]) => ({ ...visitor(name), pool });
  const attacker = stranger("from 192.0.2.1", "strangers");
  while (await answer(attacker, 100_000) !== null);
  assert.notEqual(await answer(stranger("from 192.0.2.2", "strangers"), 100_000), null);
  for (const at of [1, 2, 3]) {
    while (await answer(stranger(`from 192.0.2.${at}`, "assets"), 100_000) !== null);
  }
  assert.notEqual(await answer(stranger("from 192.0.2.2", "strangers"), 100_000), null);
  assert.notEqual(await answer(ANN), null);
});

Deno.test("createAnswerRoom() counts what the server was handed until the request is over", async () => {
  const { answer, completed } = setUp();
  const stranger: Receiver = { ...visitor("from 192.0.2.1"), pool: "strangers" };
  const read = async () => await (await answer(stranger, 90_000))?.text() ?? null;
  let count = 0;
  while (count < 100 && await read() !== null) count++;
  assert.ok(count > 30 && count < 50, `${count}`);
  completed.resolve();
  await completed.promise;
  assert.notEqual(await read(), null);
});

Deno.test("createAnswerRoom() has garbage collected when much was made", async () => {
  let collections = 0;
  const budget = createByteBudget(() => collections++);
  const answerWithin = createAnswerRoom({ clock: createFakeClock(), stallMs: 30_000, budget });
  const make = () => new Response("x".repeat(MIB));
  for (let count = 0; count < 40; count++) {
    await (await answerWithin({ ...ANN, completed: Promise.resolve() }, make))?.text();
  }
  assert.equal(collections, 5);
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
    const failing = answerWithin({ ...ANN, completed: completed.promise }, make);
    await assert.rejects(failing, bug);
  }
  assert.notEqual(await answer(), null);
});

Deno.test("createAnswerRoom() passes on answers without content", async () => {
  const { answerWithin } = setUp();
  for (let count = 0; count < 1_000; count++) {
    const redirect = () => new Response(null, { status: 304 });
    const answer = await answerWithin({ ...ANN, completed: Promise.resolve() }, redirect);
    assert.equal(answer?.status, 304);
  }
});
