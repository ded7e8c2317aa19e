import assert from "node:assert/strict";
import { createBudget } from "../../lib/calls/budget.ts";
import { createFakeClock } from "../base/time/fake_clock.ts";
import { openRoom } from "./open_room.ts";

const PATIENT = new AbortController().signal;
const BOB = { name: "bob", isOperator: true };

/** A budget of 1,000 bytes, what is left of it, and a room of it. */
function setUp(maxBytes = 800) {
  const budget = createBudget(() => 1_000);
  const clock = createFakeClock();
  const left = () => {
    using lease = budget.lease(BOB);
    let bytes = 0;
    while (lease.take(1)) bytes++;
    return bytes;
  };
  return { budget, clock, left, room: openRoom({ budget, clock, maxBytes }) };
}

Deno.test("AnswerRoom.reserve() makes room for what is written later", async () => {
  const { left, room } = setUp();
  assert.equal(await room.reserve(600, PATIENT), true);
  assert.equal(left(), 400);
  const text = room.openText();
  assert.equal(text.add("x".repeat(500)), true);
  assert.equal(left(), 400);
  assert.equal(text.add("x".repeat(200)), true);
  assert.equal(left(), 300);
  room[Symbol.dispose]();
  assert.equal(left(), 1_000);
});

Deno.test("AnswerRoom.trim() gives back what was reserved and not written", async () => {
  const { left, room } = setUp();
  await room.reserve(600, PATIENT);
  room.openText().add("x".repeat(100));
  room.trim();
  assert.equal(left(), 900);
  room.clear();
  assert.equal(left(), 1_000);
});

Deno.test("AnswerRoom.reserve() waits five seconds for room, and leaves no timer behind", async () => {
  const { budget, clock, room } = setUp();
  const others = budget.lease(BOB);
  others.take(900);
  const late = room.reserve(500, PATIENT);
  clock.advance(4_999);
  const soon = room.reserve(200, PATIENT);
  clock.advance(1);
  assert.equal(await late, false);
  others.giveBack(300);
  assert.equal(await soon, true);
  assert.equal(clock.pending(), 0);
});

Deno.test("AnswerRoom.reserve() ends with its caller", async () => {
  const { budget, clock, left, room } = setUp();
  budget.lease(BOB).take(900);
  const leaving = new AbortController();
  const reserved = room.reserve(500, leaving.signal);
  leaving.abort();
  assert.equal(await reserved, false);
  assert.deepEqual([clock.pending(), left()], [0, 100]);
});

Deno.test("AnswerRoom says whether an answer is too long, or all together are", () => {
  const { budget, room } = setUp();
  assert.equal(room.openText().add("x".repeat(801)), false);
  assert.match(room.shortage, /more than 800 bytes as JSON/);
  budget.lease(BOB).take(500);
  assert.equal(room.openText().add("x".repeat(700)), false);
  assert.match(room.shortage, /^too many large answers/);
});

Deno.test("AnswerRoom counts what is written as JSON", () => {
  const { left, room } = setUp();
  assert.equal(room.openText().add("\u0001".repeat(100)), true);
  assert.equal(left(), 400);
});

Deno.test("AnswerRoom has no room once it is disposed of", async () => {
  const { left, room } = setUp();
  const text = room.openText();
  assert.equal(text.add("x".repeat(100)), true);
  room[Symbol.dispose]();
  assert.equal(text.add("x"), false);
  assert.equal(room.openText().add("x"), false);
  assert.equal(await room.reserve(1, PATIENT), false);
  assert.equal(left(), 1_000);
});

Deno.test("AnswerRoom.adopt() keeps what an answer was read in, for what is written of it", async () => {
  const { budget, left, room } = setUp();
  const read = budget.lease(BOB);
  read.take(600);
  await room.reserve(100, PATIENT);
  room.adopt(read);
  assert.equal(left(), 300);
  assert.equal(room.openText().add("x".repeat(650)), true);
  assert.equal(left(), 300);
  room.trim();
  assert.equal(left(), 350);
  room[Symbol.dispose]();
  assert.equal(left(), 1_000);
});

Deno.test("AnswerRoom.clear() gives back what an answer was read in that is not written", () => {
  const { budget, left, room } = setUp();
  const read = budget.lease(BOB);
  read.take(600);
  room.adopt(read);
  room.clear();
  assert.equal(left(), 1_000);
  assert.equal(room.openText().add("x".repeat(500)), true);
  assert.equal(left(), 500);
});

Deno.test("AnswerRoom.adopt() gives back at once what comes when the answer has left", () => {
  const { budget, left, room } = setUp();
  const read = budget.lease(BOB);
  read.take(600);
  room[Symbol.dispose]();
  room.adopt(read);
  assert.equal(left(), 1_000);
});
