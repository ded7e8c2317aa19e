import assert from "node:assert/strict";
import { createJournal } from "../../lib/hub/journal.ts";
import type { CallRecord } from "../../lib/mcp/call.ts";
import type { FinishedCall } from "../../lib/calls/finished.ts";
import type { CarriedCall } from "../../lib/tools/carried.ts";

const RECORD: CallRecord = {
  requestId: "call-1",
  principal: "ann",
  client: null,
  traceparent: null,
  tool: "remote_shell",
  args: { host: "tesla" },
  durationMs: 5,
  outcome: "ok",
  ending: null,
  answer: "{}",
};

const CARRIED: CarriedCall = {
  requestId: "call-1",
  via: "ssh",
  outcome: "failed",
  fallbackReason: "timeout",
  exitCode: 3,
  phases: { queue: 1, connect: 2, run: 3 },
};

/** What a journal tells of one call. */
function told(record: Partial<CallRecord>, carried: CarriedCall | null): FinishedCall | undefined {
  const calls: FinishedCall[] = [];
  const journal = createJournal([(call) => calls.push(call)]);
  if (carried !== null) journal.onCarried(carried);
  journal.onCall({ ...RECORD, ...record });
  assert.equal(calls.length, 1);
  return calls[0];
}

Deno.test("createJournal() joins what the protocol and what the tools know of a call", () => {
  const { requestId: _requestId, outcome: _outcome, ending, ...record } = RECORD;
  assert.deepEqual(told({}, CARRIED), { ...record, ...CARRIED, host: "tesla", ended: ending });
});

Deno.test("createJournal() tells a call that no host was asked for", () => {
  const call = told({ args: { host: 1 } }, null);
  assert.deepEqual(
    [call?.host, call?.via, call?.exitCode, call?.phases.run],
    [null, null, null, null],
  );
});

for (
  const [outcome, carried, expected] of [
    ["ok", "ok", "ok"],
    ["failed", "failed", "failed"],
    ["failed", "not_delivered", "not_delivered"],
    ["failed", "unknown", "unknown"],
    ["ended", "unknown", "unknown"],
    ["ended", "ok", "ok"],
    ["bug", "ok", "bug"],
    ["ok", null, "ok"],
    ["failed", null, "refused"],
    ["refused", null, "refused"],
    ["ended", null, "unknown"],
    ["bug", null, "bug"],
  ] as const
) {
  Deno.test(`createJournal() tells a call that is ${outcome}, carried: ${carried}, as ${expected}`, () => {
    const call = told({ outcome }, carried === null ? null : { ...CARRIED, outcome: carried });
    assert.equal(call?.outcome, expected);
  });
}

Deno.test("createJournal() tells every listener, and forgets the call", () => {
  const calls: FinishedCall[] = [];
  const journal = createJournal([(call) => calls.push(call), (call) => calls.push(call)]);
  journal.onCarried(CARRIED);
  journal.onCall(RECORD);
  journal.onCall(RECORD);
  assert.deepEqual(calls.map(({ via }) => via), ["ssh", "ssh", null, null]);
});
