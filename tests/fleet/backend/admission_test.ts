import assert from "node:assert/strict";
import { createBudget } from "../../../lib/calls/budget.ts";
import { Admission } from "../../../lib/fleet/backend/admission.ts";
import { createFakeClock } from "../../base/time/fake_clock.ts";

const MIB = 1024 * 1024;
const ANN = { name: "ann", isOperator: false };
const HUB = { name: "hub", isOperator: true };
const NO_ROOM = "too many large answers are being read at once, try again later";

/** The admission of an answer to a client that may have half of 160 MiB, and what all have left. */
function setUp({ maxBytes = 80 * MIB, total = 160 * MIB } = {}) {
  const clock = createFakeClock();
  const budget = createBudget(() => total);
  const leaving = new AbortController();
  const open = () =>
    new Admission({ maxBytes, room: budget.lease(ANN), signal: leaving.signal }, clock);
  const taken = () => {
    using lease = budget.lease(HUB);
    let left = 0;
    for (let step = 256 * MIB; step >= 1; step /= 2) {
      while (lease.take(step)) left += step;
    }
    return total - left;
  };
  return { clock, budget, leaving, open, taken };
}

const SO_FAR = { isAll: false };
const ALL = { isAll: true };

Deno.test("Admission.admit() takes room for a short answer as it comes", () => {
  const { open, taken } = setUp();
  const admission = open();
  for (let bytes = MIB; bytes < 4 * MIB; bytes += MIB) {
    assert.equal(admission.admit(bytes, SO_FAR), null);
    assert.equal(taken(), bytes);
  }
});

for (const [announced, held] of [[4, 8], [30, 60], [36, 72], [50, 72], [80, 80]] as const) {
  Deno.test(`Admission.admit() makes sure of ${held} MiB for an answer of ${announced}`, async () => {
    const { open, taken } = setUp();
    const admission = open();
    assert.equal(await admission.admit(announced * MIB, ALL), null);
    assert.equal(taken(), held * MIB);
    assert.equal(admission.admit(announced * MIB, SO_FAR), null);
    assert.equal(taken(), held * MIB);
  });
}

Deno.test("Admission.admit() makes sure of a whole file once an answer of unknown length is large", async () => {
  const { open, taken } = setUp();
  const admission = open();
  admission.admit(3 * MIB, SO_FAR);
  assert.equal(await admission.admit(4 * MIB, SO_FAR), null);
  assert.equal(taken(), 64 * MIB);
  assert.equal(admission.admit(70 * MIB, SO_FAR), null);
  assert.equal(taken(), 70 * MIB);
  const short = setUp({ maxBytes: 8 * MIB });
  assert.equal(await short.open().admit(4 * MIB, SO_FAR), null);
  assert.equal(short.taken(), 16 * MIB);
});

Deno.test("Admission.admit() lets a second large answer wait five seconds for the first", async () => {
  const { clock, budget, taken } = setUp();
  const first = budget.lease(ANN);
  const signal = new AbortController().signal;
  const maxBytes = 80 * MIB;
  await new Admission({ maxBytes, room: first, signal }, clock).admit(30 * MIB, ALL);
  const second = new Admission({ maxBytes, room: budget.lease(ANN), signal }, clock);
  const third = new Admission({ maxBytes, room: budget.lease(ANN), signal }, clock);
  const late = third.admit(30 * MIB, ALL);
  clock.advance(4_999);
  const soon = second.admit(30 * MIB, ALL);
  clock.advance(1);
  assert.equal(await late, NO_ROOM);
  first[Symbol.dispose]();
  assert.equal(await soon, null);
  assert.equal(taken(), 60 * MIB);
  assert.equal(clock.pending(), 0);
});

Deno.test("Admission.admit() refuses at once what will never have room, and what may not be", async () => {
  const { clock, open } = setUp({ total: 16 * MIB });
  assert.equal(await open().admit(10 * MIB, ALL), NO_ROOM);
  assert.equal(clock.pending(), 0);
  assert.equal(open().admit(81 * MIB, ALL), `answer larger than ${80 * MIB} bytes`);
});

Deno.test("Admission.admit() ends with its caller", async () => {
  const { clock, budget, leaving, open } = setUp();
  budget.lease(ANN).take(60 * MIB);
  const waiting = open().admit(30 * MIB, ALL);
  leaving.abort();
  assert.equal(await waiting, NO_ROOM);
  assert.equal(clock.pending(), 0);
});

Deno.test("Admission.admit() without a room bounds an answer alone", () => {
  const { clock } = setUp();
  const { signal } = new AbortController();
  const admission = new Admission({ maxBytes: 8 * MIB, signal }, clock);
  assert.equal(admission.admit(8 * MIB, ALL), null);
  assert.equal(admission.admit(8 * MIB + 1, SO_FAR), `answer larger than ${8 * MIB} bytes`);
});
