import assert from "node:assert/strict";
import { systemClock } from "../../../lib/base/time/clock.ts";
import { ClaimedAttempts } from "../../../lib/fleet/claims/attempt.ts";
import { claimantOf } from "../../../lib/fleet/claimant.ts";
import { createHealth } from "../../../lib/fleet/health.ts";
import { createLimiter } from "../../../lib/fleet/limiter.ts";
import type { Link } from "../../../lib/fleet/link.ts";
import { missingTransport, type Transport, type Work } from "../../../lib/fleet/transport.ts";
import { newClaimId } from "../../../lib/work/claims/id.ts";
import { labHost } from "../../lab/host.ts";

const WORK: Work = {
  tool: "shell",
  args: {},
  declared: [],
  readOnly: false,
  runMs: null,
  payloadBytes: 0,
  maxAnswerBytes: 0,
  procedure: null,
};

/** A host that says of every claim that it is fenced, each time after so long. */
async function attemptFenced(stepMs: number) {
  let now = 0;
  let attempts = 0;
  const transport: Transport = {
    ...missingTransport("lmcp", "none", () => true),
    settle: () => Promise.resolve(null),
    attempt: (_work, { claim }) => {
      attempts++;
      const sentAt = now;
      now += stepMs;
      const id = claim?.id ?? assert.fail("it has no claim");
      return Promise.resolve({
        kind: "taken",
        claim: { id, place: { kind: "own" }, sentAt, deadlineAt: sentAt + 10_000 },
        found: { found: { state: "fenced" }, digest: null },
      });
    },
  };
  const link: Link = {
    host: labHost(),
    health: createHealth({ upMs: 1, downMinMs: 1, downMaxMs: 1 }, systemClock),
    limiter: createLimiter({ running: 1, waiting: 1, waitMs: 1, clock: systemClock }),
    backend: null,
    transports: [transport],
    now: () => now,
  };
  const { attempt } = await new ClaimedAttempts(link, WORK, {
    claimant: claimantOf("c"),
    signal: new AbortController().signal,
    traceparent: null,
    onProgress: null,
    claim: { id: newClaimId(), digest: null },
  }).over(transport);
  return { attempts, kind: attempt.kind };
}

Deno.test("a call goes on to the next claim where one is fenced, until there are no more", async () => {
  assert.deepEqual(await attemptFenced(1), { attempts: 99, kind: "not_run" });
});

Deno.test("a host that fences slowly is not tried for longer than the call may take", async () => {
  assert.deepEqual(await attemptFenced(4_000), { attempts: 3, kind: "not_run" });
});
