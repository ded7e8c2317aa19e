import assert from "node:assert/strict";
import { concludeClaim, type OpenAttempt } from "../../../lib/fleet/claims/settled.ts";
import type { SentClaim, Work } from "../../../lib/fleet/transport.ts";
import type { Found } from "../../../lib/work/claims/found.ts";
import { shellProcedure } from "../../../lib/work/shell.ts";

const CLAIM: SentClaim = { id: "0".repeat(32), place: { kind: "own" }, sentAt: 0, deadlineAt: 0 };
const LOST: OpenAttempt = { kind: "unknown", reason: "lost", output: null, claim: CLAIM };
const TAKEN: OpenAttempt = { kind: "taken", claim: CLAIM, found: null };
const WORK: Work = {
  tool: "shell",
  args: {},
  declared: [],
  readOnly: false,
  runMs: null,
  payloadBytes: 0,
  maxAnswerBytes: 0,
  procedure: () => shellProcedure({ command: "true", cwd: "", timeoutSeconds: 1 }),
};

function conclude(
  found: Found | null,
  attempt = LOST,
  digests: { own?: string; found?: string } = {},
) {
  const known = found && { found, digest: digests.found ?? null };
  return concludeClaim(known, attempt, { work: WORK, digest: digests.own ?? null });
}

for (
  const [found, reason] of [
    [null, "lost"],
    [{ state: "running" }, "lost; it is still running"],
    [{ state: "begun" }, "lost; it began and was cut off"],
    [{ state: "gone" }, "lost; it began and was cut off"],
    [{ state: "rebooted" }, "lost; the host has been restarted since"],
    [{ state: "forgotten" }, "lost; what the host knows of calls does not go back to it"],
    [{ state: "ended", result: null }, "lost; it ran, but its answer was not kept"],
    [
      { state: "unable", reason: "a\nb" },
      "lost; the host does not know what became of it: a b",
    ],
  ] as const
) {
  Deno.test(`concludeClaim() does not know what became of a lost call where it is ${found?.state ?? "not asked"}`, () => {
    assert.deepEqual(conclude(found), { kind: "unknown", reason, output: null });
  });
}

Deno.test("concludeClaim() knows that a fenced call did not run", () => {
  assert.deepEqual(conclude({ state: "fenced" }), {
    kind: "not_run",
    reason: "lost; it did not run",
  });
});

Deno.test("concludeClaim() takes the answer that was kept", () => {
  const result = {
    content: [{ type: "text", text: "[rc=3]\n" }],
    structuredContent: { exit_code: 3 },
  };
  const concluded = conclude({ state: "ended", result });
  assert.ok(concluded.kind === "ran");
  assert.deepEqual([concluded.reply.text, concluded.exitCode], ["[rc=3]\n", 3]);
});

Deno.test("concludeClaim() reads how a script ended whose output is lost", () => {
  const end = { exitCode: 3, wasEnded: false, remains: false };
  const itself = conclude({ state: "exited", end });
  assert.ok(itself.kind === "ran");
  assert.equal(
    itself.reply.text,
    "[rc=3]\n[the connection was lost: the end of the output may be missing]",
  );
  assert.equal(itself.reply.structured?.exit_code, 3);
  assert.equal(itself.reply.structured?.truncated, true);
  const ended = conclude({ state: "exited", end: { ...end, wasEnded: true } });
  assert.ok(ended.kind === "ran");
  assert.equal(ended.reply.failure, "the connection was lost, and the command was ended");
});

Deno.test("concludeClaim() refuses a key that was used for another call", () => {
  const digests = { own: "1", found: "2" };
  assert.deepEqual(conclude({ state: "ended", result: {} }, TAKEN, digests), {
    kind: "stopped",
    reason: "this key was used for another call: take a new one",
    mayHaveRun: false,
  });
  assert.equal(conclude({ state: "running" }, TAKEN, { own: "1" }).kind, "unknown");
});

Deno.test("concludeClaim() says of a key that was used before what became of that call", () => {
  const digests = { own: "1", found: "1" };
  const reason = "this key was used before; it began and was cut off";
  assert.deepEqual(conclude({ state: "gone" }, TAKEN, digests), {
    kind: "unknown",
    reason,
    output: null,
  });
});

Deno.test("concludeClaim() gives a call with a key no answer that may be another call's", () => {
  const ended: Found = { state: "ended", result: { content: [{ type: "text", text: "x" }] } };
  const exited: Found = {
    state: "exited",
    end: { exitCode: 0, wasEnded: false, remains: false },
  };
  for (const found of [ended, exited]) {
    const reason = "this key was used before; what ran with it is not known";
    const concluded = conclude(found, TAKEN, { own: "a" });
    assert.deepEqual(concluded, { kind: "unknown", reason, output: null });
    assert.equal(conclude(found, TAKEN, { own: "a", found: "a" }).kind, "ran");
  }
});
