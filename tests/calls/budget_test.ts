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
