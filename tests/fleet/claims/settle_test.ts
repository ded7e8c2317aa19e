import assert from "node:assert/strict";
import { settleClaim, type SettleOptions } from "../../../lib/fleet/claims/settle.ts";
import { missingTransport, type SentClaim, type Transport } from "../../../lib/fleet/transport.ts";
import type { Found, FoundClaim } from "../../../lib/work/claims/found.ts";

const MINUTE_MS = 60_000;

const CLAIM: SentClaim = {
  id: "0".repeat(32),
  place: { kind: "own" },
  sentAt: 0,
  deadlineAt: 10_000,
};

/** A transport that returns these answers in turn, the last one again and again. */
function asked(...answers: readonly (Found | null)[]): Transport & { asked: number } {
  const transport = {
    ...missingTransport("ssh", "none", () => true),
    asked: 0,
    settle: () => {
      const found = answers[Math.min(transport.asked++, answers.length - 1)] ?? null;
      return Promise.resolve(found && { found, digest: null });
    },
  };
  return transport;
}

/** Asks with a clock that goes on by so much each time it is looked at. */
async function settle(
  transports: readonly Transport[],
  { stepMs = 0, startAt = 0, sleptMs = 0, ...options }: Partial<SettleOptions> & {
    readonly stepMs?: number;
    readonly startAt?: number;
    readonly sleptMs?: number;
  } = {},
): Promise<Found | null> {
  let now = startAt;
  const known: FoundClaim | null = await settleClaim(CLAIM, {
    transports,
    now: () => now += stepMs,
    wall: () => now + sleptMs,
    signal: new AbortController().signal,
    first: null,
    awaitsAnswer: false,
    ...options,
  });
  return known?.found ?? null;
}

const RESULT: Found = { state: "ended", result: {} };
const EXITED: Found = {
  state: "exited",
  end: { exitCode: 0, wasEnded: false, remains: false },
};

for (
  const found of [
    RESULT,
    EXITED,
    { state: "gone" },
    { state: "rebooted" },
    { state: "fenced" },
    { state: "forgotten" },
    { state: "unable", reason: "why" },
  ] as const
) {
  Deno.test(`settleClaim() asks once where it finds "${found.state}"`, async () => {
    const transport = asked(found);
    assert.deepEqual(await settle([transport]), found);
    assert.equal(transport.asked, 1);
  });
}

Deno.test("settleClaim() asks again while nobody answers, and while the call runs", async () => {
  const transport = asked(null, { state: "running" }, { state: "begun" }, RESULT);
  assert.deepEqual(await settle([transport]), RESULT);
  assert.equal(transport.asked, 4);
});

Deno.test("settleClaim() asks the next transport where the first one cannot say", async () => {
  for (const first of [null, { state: "unable", reason: "why" }] as const) {
    const second = asked(RESULT);
    assert.deepEqual(await settle([asked(first), second]), RESULT);
    assert.equal(second.asked, 1);
  }
  const second = asked(RESULT);
  assert.deepEqual(await settle([asked({ state: "gone" }), second]), { state: "gone" });
  assert.equal(second.asked, 0);
});

Deno.test("settleClaim() gives a call that runs as long as it has, and a silent host 30 s", async () => {
  const running = asked({ state: "running" });
  assert.deepEqual(await settle([running], { stepMs: 1_000 }), { state: "running" });
  assert.ok(running.asked > 1);
  assert.equal(await settle([asked(null)], { stepMs: 5_000 }), null);
});

Deno.test("settleClaim() asks at least once, also when the call's time is up", async () => {
  assert.deepEqual(await settle([asked(RESULT)], { startAt: 3 * MINUTE_MS }), RESULT);
});

Deno.test("settleClaim() does not believe that an old call never ran: its claim may be gone", async () => {
  const fenced = () => [asked({ state: "fenced" })];
  assert.deepEqual(await settle(fenced(), { startAt: 13 * MINUTE_MS }), { state: "fenced" });
  assert.deepEqual(await settle(fenced(), { startAt: 14 * MINUTE_MS }), { state: "forgotten" });
});

Deno.test("settleClaim() knows how old a call is if the hub's machine has slept meanwhile", async () => {
  const options = { startAt: MINUTE_MS, sleptMs: 13 * MINUTE_MS };
  assert.deepEqual(await settle([asked({ state: "fenced" })], options), { state: "forgotten" });
  const ages: number[] = [];
  const transport: Transport = {
    ...missingTransport("lmcp", "none", () => true),
    settle: (_claim, { ageSeconds }) => {
      ages.push(ageSeconds);
      return Promise.resolve({ found: { state: "gone" }, digest: null });
    },
  };
  await settle([transport], options);
  await settle([transport], { ...options, sleptMs: -MINUTE_MS });
  assert.deepEqual(ages, [14 * 60, 60]);
});

Deno.test("settleClaim() waits a little for an answer that is about to be left", async () => {
  const transport = asked(EXITED, RESULT);
  assert.deepEqual(await settle([transport], { awaitsAnswer: true }), RESULT);
  assert.deepEqual(await settle([asked(EXITED)], { awaitsAnswer: true, stepMs: 2_000 }), EXITED);
});

Deno.test("settleClaim() waits as long for the answer of a call that has run for long", async () => {
  const running: readonly Found[] = Array.from({ length: 3 }, () => ({ state: "running" }));
  for (const soon of [EXITED, { state: "begun" }] as const) {
    const transport = asked(...running, soon, RESULT);
    const options = { awaitsAnswer: true, stepMs: 600 };
    assert.deepEqual(await settle([transport], options), RESULT);
  }
});

Deno.test("settleClaim() begins with what is known", async () => {
  const transport = asked(RESULT);
  const first = { found: { state: "gone" }, digest: null } as const;
  assert.deepEqual(await settle([transport], { first }), { state: "gone" });
  assert.equal(transport.asked, 0);
});

Deno.test("settleClaim() of a caller that has gone has the call ended", async () => {
  const ended: SentClaim[] = [];
  const transport = { ...asked(RESULT), endClaimed: (claim: SentClaim) => void ended.push(claim) };
  assert.equal(await settle([transport], { signal: AbortSignal.abort() }), null);
  assert.deepEqual(ended, [CLAIM]);
});

Deno.test("settleClaim() asks in whole numbers, which an agent can read, however odd the clock is", async () => {
  const questions: unknown[] = [];
  const transport: Transport = {
    ...missingTransport("lmcp", "none", () => true),
    settle: (_claim, { ageSeconds, waitMs }) => {
      questions.push([ageSeconds, waitMs]);
      return Promise.resolve({ found: { state: "gone" }, digest: null });
    },
  };
  await settle([transport], { startAt: 6_123.456, stepMs: 0.25 });
  assert.deepEqual(questions, [[7, 4_999]]);
});
