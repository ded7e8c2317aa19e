import assert from "node:assert/strict";
import {
  type CallKind,
  type CallLimits,
  createQuotas,
  NO_LIMITS,
  type OverLimit,
} from "../../lib/calls/quotas.ts";

/** Quotas whose time and limits the test sets. */
function setUp(limits: Partial<CallLimits> = {}) {
  const world = {
    at: 0,
    limits: new Map<string, CallLimits | null>([["ann", { ...NO_LIMITS, ...limits }]]),
  };
  const quotas = createQuotas({
    limitsOf: (caller) => world.limits.get(caller) ?? null,
    now: () => world.at,
  });
  const begin = (caller = "ann", kind: CallKind = "work") => quotas.begin(caller, kind);
  /** Begins calls until one may not; how many did, and why that one may not. */
  const fill = (
    caller = "ann",
    most = 1_000,
  ): Partial<OverLimit> & { readonly count: number } => {
    for (let count = 0; count < most; count++) {
      const begun = begin(caller);
      if (typeof begun !== "function") return { count, ...begun };
      begun();
    }
    return { count: most };
  };
  return { world, begin, fill };
}

function assertRefused(begun: (() => void) | OverLimit, expected: OverLimit): void {
  assert.ok(typeof begun !== "function");
  assert.deepEqual({ ...begun, waitMs: Math.round(begun.waitMs) }, expected);
}

function assertBegun(begun: (() => void) | OverLimit): () => void {
  assert.ok(typeof begun === "function", JSON.stringify(begun));
  return begun;
}

Deno.test("createQuotas() lets a minute's calls come at once, and then one after each part of a minute", () => {
  const { world, begin, fill } = setUp({ perMinute: 6 });
  assert.deepEqual(fill(), { count: 6, limit: "rate", most: 6, waitMs: 10_000 });
  world.at = 4_000;
  assertRefused(begin(), { limit: "rate", most: 6, waitMs: 6_000 });
  world.at = 10_000;
  assert.deepEqual(fill(), { count: 1, limit: "rate", most: 6, waitMs: 10_000 });
  world.at = 70_000;
  assert.equal(fill().count, 6);
  world.at = 10_000_000;
  assert.equal(fill().count, 6, "no more than a minute's is saved");
});

Deno.test("createQuotas() lets a call begin after the wait that it named, for every rate", () => {
  for (let perMinute = 1; perMinute <= 1_000; perMinute++) {
    const { world, begin, fill } = setUp({ perMinute });
    for (let round = 0; round < 5; round++) {
      const { count, waitMs = 0 } = fill("ann", 2_000);
      assert.equal(count, round === 0 ? perMinute : 1);
      world.at += waitMs - 0.1;
      assert.ok(typeof begin() !== "function", "a tenth of a millisecond too early");
      world.at += 0.1;
    }
  }
});

Deno.test("createQuotas() does not count the calls that may not begin", () => {
  const { world, begin, fill } = setUp({ perMinute: 60 });
  fill();
  for (let count = 0; count < 500; count++) begin();
  world.at = 1_000;
  assert.equal(fill().count, 1);
});

Deno.test("createQuotas() bounds the calls that run at once, of each kind by itself", () => {
  const { begin } = setUp({ atOnce: 2 });
  const over = { limit: "concurrent", most: 2, waitMs: 5_000 } as const;
  const ends = (["work", "read", "end"] as const).map((kind) => {
    const end = assertBegun(begin("ann", kind));
    assertBegun(begin("ann", kind));
    assertRefused(begin("ann", kind), over);
    return end;
  });
  const [endWork = () => {}] = ends;
  endWork();
  endWork();
  assertBegun(begin());
  assertRefused(begin(), over);
  assertRefused(begin("ann", "read"), over);
});

Deno.test("createQuotas() spends nothing of a minute on a call for which there is no place", () => {
  const { begin, fill } = setUp({ perMinute: 3, atOnce: 1 });
  const end = assertBegun(begin());
  for (let count = 0; count < 10; count++) begin();
  end();
  assert.equal(fill().count, 2);
});

Deno.test("createQuotas() counts each caller by itself, and those without limits not at all", () => {
  const { world, begin, fill } = setUp({ perMinute: 1, atOnce: 1 });
  world.limits.set("ben", { perMinute: 2, atOnce: null });
  assert.equal(fill().count, 1);
  assert.equal(fill("ben").count, 2);
  assert.equal(fill("operator").count, 1_000);
  for (let count = 0; count < 1_000; count++) assertBegun(begin("operator"));
});

Deno.test("createQuotas() goes on counting when limits change", () => {
  const { world, begin, fill } = setUp({ perMinute: 10, atOnce: 3 });
  assertBegun(begin());
  assertBegun(begin());
  assert.equal(fill().count, 8);
  world.limits.set("ann", { perMinute: 12, atOnce: 2 });
  assertRefused(begin(), { limit: "concurrent", most: 2, waitMs: 5_000 });
  world.limits.set("ann", { perMinute: 12, atOnce: 3 });
  assert.equal(fill().count, 2, "what was spent stays spent");
  world.limits.set("ann", { perMinute: 2, atOnce: 3 });
  assertRefused(begin(), { limit: "rate", most: 2, waitMs: 30_000 });
});

Deno.test("createQuotas() counts the running calls of a client that has no limit yet", () => {
  const { world, begin } = setUp();
  const end = assertBegun(begin());
  world.limits.set("ann", { perMinute: null, atOnce: 1 });
  assertRefused(begin(), { limit: "concurrent", most: 1, waitMs: 5_000 });
  end();
  assertBegun(begin());
});

Deno.test("createQuotas() keeps what a caller has under way while a thousand others come and go", () => {
  const { world, begin, fill } = setUp({ perMinute: 5, atOnce: 2 });
  assertBegun(begin());
  assert.equal(fill().count, 4);
  for (let count = 0; count < 1_000; count++) {
    world.limits.set(`c${count}`, { perMinute: 5, atOnce: 2 });
    assert.equal(fill(`c${count}`).count, 5);
  }
  assert.equal(fill().count, 0);
  world.at = 1_000_000;
  fill("another");
  assertBegun(begin());
  assertRefused(begin(), { limit: "concurrent", most: 2, waitMs: 5_000 });
});
