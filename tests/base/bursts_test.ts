import assert from "node:assert/strict";
import { createPause, untilCalm } from "../../lib/base/bursts.ts";

/** Whether a promise is settled without a turn of the event loop. */
async function isImmediate(promise: Promise<void>): Promise<boolean> {
  let isSettled = false;
  promise.then(() => isSettled = true);
  for (let count = 0; count < 10; count++) await null;
  return isSettled;
}

Deno.test("createPause() lets work go on for 8 ms, then wait for a turn of the event loop", async () => {
  let now = 0;
  const pause = createPause(() => now);
  assert.equal(await isImmediate(pause()), true);
  now = 7;
  assert.equal(await isImmediate(pause()), true);
  now = 8;
  const turn = pause();
  assert.equal(await isImmediate(turn), false);
  await turn;
  assert.equal(await isImmediate(pause()), true);
  now = 15;
  assert.equal(await isImmediate(pause()), true);
});

Deno.test("createPause() lets all work wait for the same turn", async () => {
  let now = 0;
  const pause = createPause(() => now);
  await pause();
  now = 8;
  const first = pause();
  now = 1;
  const second = pause();
  assert.equal(await isImmediate(second), false);
  const order: string[] = [];
  await Promise.all([first.then(() => order.push("a")), second.then(() => order.push("b"))]);
  assert.deepEqual(order, ["a", "b"]);
});

Deno.test("createPause() lets work begin at once that comes after a while", async () => {
  let now = 1_000;
  const pause = createPause(() => now);
  assert.equal(await isImmediate(pause()), true);
  now += 190;
  assert.equal(await isImmediate(pause()), false);
  await pause();
  now += 201;
  assert.equal(await isImmediate(pause()), true);
  now += 8;
  const turn = pause();
  assert.equal(await isImmediate(turn), false);
  await turn;
});

Deno.test("untilCalm() waits for a turn of the event loop that is short, but for no more than ten", async () => {
  for (const [longTurns, turns] of [[0, 1], [3, 4], [9, 10], [50, 10]] as const) {
    let [asked, at] = [0, 0];
    // It is asked before a turn and after it.
    await untilCalm(() => {
      asked++;
      if (asked % 2 === 0) at += asked / 2 <= longTurns ? 21 : 20;
      return at;
    });
    assert.equal(asked / 2, turns);
  }
});
