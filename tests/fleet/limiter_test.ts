import assert from "node:assert/strict";
import { type Clock, systemClock } from "../../lib/base/time/clock.ts";
import type { Claimant } from "../../lib/calls/claimant.ts";
import { claimantOf, HUB } from "../../lib/fleet/claimant.ts";
import {
  createLimiter,
  type Limiter,
  type NoPermit,
  type Permit,
} from "../../lib/fleet/limiter.ts";
import { createFakeClock } from "../base/time/fake_clock.ts";

const never = new AbortController().signal;

function createNarrow(options: { waiting?: number; clock?: Clock } = {}): Limiter {
  return createLimiter({ running: 1, waiting: 10, waitMs: 10_000, clock: systemClock, ...options });
}

function acquire(limiter: Limiter, signal: AbortSignal, claimant: Claimant = HUB) {
  return limiter.acquire(claimant, signal);
}

async function take(limiter: Limiter, signal = never, claimant = HUB): Promise<Permit> {
  return held(await acquire(limiter, signal, claimant));
}

function held(permit: Permit | NoPermit): Permit {
  if (typeof permit === "string") throw new TypeError(`No permit: ${permit}`);
  return permit;
}

Deno.test("acquire() gives as many permits as may run, and counts them", async () => {
  const limiter = createLimiter({ running: 2, waiting: 0, waitMs: 1, clock: systemClock });
  using _first = await take(limiter);
  {
    using _second = await take(limiter);
    assert.equal(limiter.running, 2);
    assert.equal(await acquire(limiter, never), "full");
  }
  assert.equal(limiter.running, 1);
});

Deno.test("acquire() serves those who wait in the order in which they came", async () => {
  const limiter = createNarrow();
  const first = await take(limiter);
  const order: number[] = [];
  const waiting = [1, 2, 3].map(async (number) => {
    using _permit = await take(limiter);
    order.push(number);
  });
  assert.equal(limiter.waiting, 3);
  first[Symbol.dispose]();
  await Promise.all(waiting);
  assert.deepEqual(order, [1, 2, 3]);
  assert.equal(limiter.running, 0);
});

Deno.test("acquire() lets nobody in before those who wait", async () => {
  const limiter = createNarrow();
  const first = await take(limiter);
  const second = take(limiter);
  first[Symbol.dispose]();
  const caller = new AbortController();
  const third = acquire(limiter, caller.signal);
  using _second = await second;
  caller.abort();
  assert.equal(await third, "cancelled");
});

Deno.test("acquire() refuses at once when the queue is full", async () => {
  const limiter = createNarrow({ waiting: 1 });
  using _first = await take(limiter);
  const caller = new AbortController();
  const waiting = acquire(limiter, caller.signal);
  assert.equal(await acquire(limiter, never), "full");
  caller.abort();
  assert.equal(await waiting, "cancelled");
});

Deno.test("acquire() gives up after its wait, and leaves the queue", async () => {
  const clock = createFakeClock();
  const limiter = createNarrow({ clock });
  using _first = await take(limiter);
  const waiting = acquire(limiter, never);
  clock.advance(9_999);
  assert.equal(limiter.waiting, 1);
  clock.advance(1);
  assert.equal(await waiting, "timeout");
  assert.equal(limiter.waiting, 0);
});

Deno.test("acquire() gives up when its caller goes away, and leaves the queue", async () => {
  const limiter = createNarrow();
  const first = await take(limiter);
  const caller = new AbortController();
  const waiting = acquire(limiter, caller.signal);
  caller.abort();
  assert.equal(await waiting, "cancelled");
  assert.equal(limiter.waiting, 0);
  first[Symbol.dispose]();
  assert.equal(limiter.running, 0);
});

Deno.test("acquire() gives nothing to a caller who has gone already", async () => {
  const limiter = createNarrow();
  assert.equal(await acquire(limiter, AbortSignal.abort()), "cancelled");
  assert.equal(limiter.running, 0);
});

Deno.test("a place handed over in the moment its caller goes away is passed on", async () => {
  const limiter = createNarrow();
  const first = await take(limiter);
  const caller = new AbortController();
  const gone = acquire(limiter, caller.signal);
  const next = take(limiter);
  caller.abort();
  first[Symbol.dispose]();
  assert.equal(await gone, "cancelled");
  using _next = await next;
  assert.equal(limiter.running, 1);
});

Deno.test("a permit given back twice frees one place", async () => {
  const limiter = createLimiter({ running: 2, waiting: 0, waitMs: 1, clock: systemClock });
  const first = await take(limiter);
  using _second = await take(limiter);
  first[Symbol.dispose]();
  first[Symbol.dispose]();
  assert.equal(limiter.running, 1);
});

const [ANN, BOB] = [claimantOf("ann"), claimantOf("bob")];

Deno.test("acquire() gives one client half of the places, and all clients all but a reserve", async () => {
  const clock = createFakeClock();
  const limiter = createLimiter({ running: 16, waiting: 4, waitMs: 10_000, clock });
  const take = async (claimant: Claimant) => held(await limiter.acquire(claimant, never));
  for (let count = 0; count < 8; count++) await take(ANN);
  const waiting = [1, 2].map(() => limiter.acquire(ANN, never));
  assert.equal(await limiter.acquire(ANN, never), "full");
  const permits = [];
  for (let count = 0; count < 6; count++) permits.push(await take(BOB));
  const bob = limiter.acquire(BOB, never);
  assert.deepEqual([limiter.running, limiter.waiting], [14, 3]);
  using _operator = await take(HUB);
  using _second = await take(HUB);
  assert.equal(limiter.running, 16);
  permits[0]?.[Symbol.dispose]();
  permits[1]?.[Symbol.dispose]();
  permits[2]?.[Symbol.dispose]();
  held(await bob);
  assert.equal(limiter.waiting, 2);
  assert.equal(await Promise.race([...waiting, Promise.resolve("still waiting")]), "still waiting");
});

Deno.test("acquire() lets an operator pass clients who wait for their share", async () => {
  const limiter = createLimiter({ running: 2, waiting: 4, waitMs: 10_000, clock: systemClock });
  using _first = await take(limiter, never, ANN);
  const caller = new AbortController();
  const own = limiter.acquire(ANN, caller.signal);
  using _operator = await take(limiter);
  caller.abort();
  assert.equal(await own, "cancelled");
});
