import assert from "node:assert/strict";
import { systemClock } from "../../../lib/base/time/clock.ts";
import { ClaimedAttempts } from "../../../lib/fleet/claims/attempt.ts";
import { claimantOf } from "../../../lib/fleet/claimant.ts";
import { createHealth } from "../../../lib/fleet/health.ts";
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

/** Has a call attempted on a host that says of every claim that it is fenced. */
async function attempt(
  kind: "taken" | "unknown",
  { stepMs = 0, sleptMs = 0 }: { readonly stepMs?: number; readonly sleptMs?: number },
) {
  let now = 0;
  let slept = 0;
  let attempts = 0;
  const fenced = { found: { state: "fenced" }, digest: null } as const;
  const transport: Transport = {
    ...missingTransport("lmcp", "none", () => true),
    settle: () => Promise.resolve(fenced),
    attempt: (_work, { claim }) => {
      attempts++;
      const sentAt = now;
      now += stepMs;
      slept += sleptMs;
      const id = claim?.id ?? assert.fail("it has no claim");
      const sent = { id, place: { kind: "own" }, sentAt, deadlineAt: sentAt + 10_000 } as const;
      return Promise.resolve(
        kind === "taken"
          ? { kind, claim: sent, found: fenced }
          : { kind, claim: sent, reason: "lost", output: null },
      );
    },
  };
  const link: Link = {
    host: labHost(),
    health: createHealth({ upMs: 1, downMinMs: 1, downMaxMs: 1 }, systemClock),
    backends: [],
    transports: [transport],
    now: () => now,
    wall: () => 1e12 + now + slept,
  };
  const done = await new ClaimedAttempts(link, WORK, {
    claimant: claimantOf("c"),
    signal: new AbortController().signal,
    traceparent: null,
    onProgress: null,
    claim: { id: newClaimId(), digest: null },
  }).over(transport);
  return { attempts, kind: done.attempt.kind };
}

Deno.test("a call goes on to the next claim where one is fenced, until there are no more", async () => {
  assert.deepEqual(await attempt("taken", { stepMs: 1 }), { attempts: 99, kind: "not_run" });
});

Deno.test("a host that fences slowly is not tried for longer than the call may take", async () => {
  assert.deepEqual(await attempt("taken", { stepMs: 4_000 }), { attempts: 3, kind: "not_run" });
});

Deno.test("of a call that was lost while the hub's machine slept it is not said that it did not run", async () => {
  assert.equal((await attempt("unknown", { sleptMs: 60_000 })).kind, "not_run");
  assert.equal((await attempt("unknown", { sleptMs: 86_400_000 })).kind, "unknown");
});
