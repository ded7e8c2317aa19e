import assert from "node:assert/strict";
import { createBudget } from "../../lib/calls/budget.ts";

const OPERATOR = { name: "default", isOperator: true };
const ANN = { name: "ann", isOperator: false };
const BOB = { name: "bob", isOperator: false };

Deno.test("a lease gets what the others have left, and gives it back when it is disposed of", () => {
  const budget = createBudget(() => 10);
  const second = budget.lease(OPERATOR);
  {
    using first = budget.lease(OPERATOR);
    assert.equal(first.take(7), true);
    assert.equal(second.take(4), false);
    assert.equal(second.take(3), true);
    assert.equal(first.take(1), false);
  }
  assert.equal(second.take(7), true);
  assert.equal(second.take(1), false);
});

Deno.test("a client may hold half of the budget, and all clients all but a reserve", () => {
  const budget = createBudget(() => 800);
  const [ann, bob, operator] = [ANN, BOB, OPERATOR].map(budget.lease);
  assert.deepEqual([ann?.take(401), ann?.take(400), ann?.take(1)], [false, true, false]);
  assert.deepEqual([bob?.take(301), bob?.take(300)], [false, true]);
  assert.deepEqual([operator?.take(101), operator?.take(100)], [false, true]);
  ann?.[Symbol.dispose]();
  assert.equal(bob?.take(1), true);
});

Deno.test("what was taken of a budget stays taken when there is less of it", () => {
  let total = 100;
  const budget = createBudget(() => total);
  const [first, second] = [budget.lease(OPERATOR), budget.lease(OPERATOR)];
  assert.equal(first.take(60), true);
  total = 50;
  assert.equal(second.take(1), false);
  first[Symbol.dispose]();
  assert.deepEqual([second.take(51), second.take(50)], [false, true]);
});

Deno.test("a lease that was disposed of takes nothing, which nobody would give back", () => {
  const budget = createBudget(() => 10);
  const lease = budget.lease(OPERATOR);
  lease[Symbol.dispose]();
  assert.equal(lease.take(1), false);
  assert.equal(budget.lease(OPERATOR).take(10), true);
});

const PATIENT = new AbortController().signal;

/** What a promise has come to; null: it is not settled. */
function watch(promise: Promise<boolean>): { readonly result: () => boolean | null } {
  let result: boolean | null = null;
  promise.then((value) => result = value);
  return { result: () => result };
}

async function turn(): Promise<void> {
  for (let count = 0; count < 5; count++) await null;
}

Deno.test("a lease waits until others have given back enough, in the order in which they came", async () => {
  const budget = createBudget(() => 10);
  const first = budget.lease(OPERATOR);
  assert.equal(await first.wait(8, PATIENT), true);
  const large = watch(budget.lease(OPERATOR).wait(7, PATIENT));
  const [second, third] = [budget.lease(OPERATOR), budget.lease(OPERATOR)];
  const small = watch(second.wait(4, PATIENT));
  assert.equal(await third.wait(2, PATIENT), true);
  first.giveBack(4);
  await turn();
  assert.deepEqual([large.result(), small.result()], [null, true]);
  third[Symbol.dispose]();
  first[Symbol.dispose]();
  await turn();
  assert.equal(large.result(), null);
  second[Symbol.dispose]();
  await turn();
  assert.equal(large.result(), true);
});

Deno.test("a lease waits no longer than its signal, and then takes nothing", async () => {
  const budget = createBudget(() => 10);
  const first = budget.lease(OPERATOR);
  first.take(10);
  const leaving = new AbortController();
  const waiting = budget.lease(OPERATOR).wait(5, leaving.signal);
  leaving.abort();
  assert.equal(await waiting, false);
  assert.equal(await budget.lease(OPERATOR).wait(5, leaving.signal), false);
  first[Symbol.dispose]();
  assert.equal(budget.lease(OPERATOR).take(10), true);
});

Deno.test("a lease that is disposed of while it waits keeps nothing", async () => {
  const budget = createBudget(() => 10);
  const [first, second] = [budget.lease(OPERATOR), budget.lease(OPERATOR)];
  first.take(10);
  const waiting = second.wait(5, PATIENT);
  second[Symbol.dispose]();
  first[Symbol.dispose]();
  assert.equal(await waiting, false);
  assert.equal(await second.wait(1, PATIENT), false);
  assert.equal(budget.lease(OPERATOR).take(10), true);
});

Deno.test("a lease gives back a part, and no more than it has", () => {
  const budget = createBudget(() => 10);
  const [first, second] = [budget.lease(OPERATOR), budget.lease(OPERATOR)];
  first.take(6);
  first.giveBack(2);
  assert.deepEqual([second.take(7), second.take(6)], [false, true]);
  first.giveBack(100);
  assert.deepEqual([second.take(5), second.take(4)], [false, true]);
});

Deno.test("a client that waits is served within its share", async () => {
  const budget = createBudget(() => 800);
  const [first, second] = [budget.lease(ANN), budget.lease(ANN)];
  first.take(400);
  const waiting = watch(second.wait(100, PATIENT));
  assert.equal(await budget.lease(BOB).wait(300, PATIENT), true);
  assert.equal(waiting.result(), null);
  first.giveBack(100);
  await turn();
  assert.equal(waiting.result(), true);
});

Deno.test("a lease does not wait for more than its claimant can have", async () => {
  const budget = createBudget(() => 800);
  assert.deepEqual([budget.lease(ANN).most, budget.lease(OPERATOR).most], [400, 800]);
  assert.equal(await budget.lease(ANN).wait(401, PATIENT), false);
  assert.equal(await budget.lease(OPERATOR).wait(801, PATIENT), false);
  assert.equal(await budget.lease(OPERATOR).wait(800, PATIENT), true);
});
