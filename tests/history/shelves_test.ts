import assert from "node:assert/strict";
import type { PastCall } from "../../lib/history/reader.ts";
import { PastCalls } from "../../lib/history/shelves.ts";

let made = 0;

function past(parts: Partial<PastCall> = {}): PastCall {
  made++;
  return {
    id: `call-${made}`,
    principal: "ann",
    client: null,
    tool: "remote_shell",
    hosts: "a",
    names: ["a"],
    endedAt: made,
    durationMs: 1,
    outcome: "ok",
    via: ["lmcp"],
    reason: null,
    exitCode: 0,
    ...parts,
  };
}

const isHost = (name: string) => name !== "none";

function add(calls: PastCalls, count: number, parts: (index: number) => Partial<PastCall>) {
  for (let index = 0; index < count; index++) calls.add(past(parts(index)), isHost);
}

/** How many are kept of each kind. */
function kept(calls: PastCalls, kindOf: (call: PastCall) => string) {
  return Object.fromEntries(
    [...Map.groupBy(calls.read(), kindOf)].map(([kind, { length }]) => [kind, length]),
  );
}

Deno.test("PastCalls are read the newest first, as the same list while none is added", () => {
  const calls = new PastCalls();
  add(calls, 3, (index) => ({ id: `${index}`, outcome: index === 1 ? "unknown" : "ok" }));
  assert.deepEqual(calls.read().map(({ id }) => id), ["2", "1", "0"]);
  assert.equal(calls.read(), calls.read());
  const before = calls.read();
  calls.add(past(), isHost);
  assert.notEqual(calls.read(), before);
});

Deno.test("PastCalls keep failures and unknown ones through a flood of calls that went well", () => {
  const calls = new PastCalls();
  calls.add(past({ outcome: "unknown" }), isHost);
  calls.add(past({ outcome: "failed" }), isHost);
  add(calls, 100_000, (index) => ({ names: [`h${index % 3_000}`] }));
  add(calls, 10_000, () => ({}));
  const byOutcome = kept(calls, ({ outcome }) => outcome);
  assert.deepEqual(byOutcome, { ok: 1_000, failed: 1, unknown: 1 });
});

Deno.test("PastCalls keep unknown ones through a flood of refused calls", () => {
  const calls = new PastCalls();
  calls.add(past({ outcome: "unknown", names: ["none"] }), isHost);
  add(calls, 10_000, () => ({ outcome: "refused", names: ["none"] }));
  assert.deepEqual(kept(calls, ({ outcome }) => outcome), { refused: 100, unknown: 1 });
});

Deno.test("PastCalls of a busy host do not push out those of the others", () => {
  const calls = new PastCalls();
  add(calls, 20, (index) => ({ names: ["quiet"], id: `q${index}` }));
  add(calls, 1, () => ({ names: [] }));
  add(calls, 1, () => ({ names: ["quiet", "busy"] }));
  add(calls, 50_000, () => ({ names: ["busy"] }));
  const byHost = kept(calls, ({ names }) => names.join());
  assert.deepEqual(byHost, { quiet: 8, "": 1, "quiet,busy": 1, busy: 8 });
  const quiet = calls.read().filter(({ names }) => names.join() === "quiet");
  assert.deepEqual([quiet[0]?.id, quiet.at(-1)?.id], ["q19", "q12"]);
});

Deno.test("PastCalls of a client that floods do not push out those of others, wherever they went", () => {
  const calls = new PastCalls();
  const failed = { outcome: "failed", principal: "bob" } as const;
  add(calls, 3, () => ({ ...failed, names: [] }));
  add(calls, 3, () => ({ ...failed, names: ["h1"] }));
  add(calls, 3, () => ({ ...failed, names: ["h1", "h2"] }));
  add(calls, 10_000, () => ({ outcome: "refused", names: [] }));
  add(calls, 50_000, (index) => ({ outcome: "failed", names: [`h${index % 5_000}`] }));
  add(calls, 500, () => ({ outcome: "failed", names: ["h1", "h2"] }));
  add(calls, 500, (index) => ({ ...failed, principal: `c${index}`, names: ["h1", "h2"] }));
  const several = calls.read().filter(({ names }) => names.length > 1);
  assert.equal(several.length, 20);
  const byPrincipal = kept(calls, ({ principal }) => principal);
  assert.deepEqual([byPrincipal.ann, byPrincipal.bob], [994, 6]);
});

Deno.test("PastCalls are bounded in all: the oldest go", () => {
  const calls = new PastCalls();
  add(calls, 20_000, (index) => ({ names: [`h${index % 5_000}`], id: `${index}` }));
  const ids = calls.read().map(({ id }) => Number(id));
  assert.deepEqual([ids.length, ids[0], ids.at(-1)], [1_000, 19_999, 19_000]);
});

Deno.test("PastCalls forget hosts, and principals", () => {
  const calls = new PastCalls();
  for (const outcome of ["ok", "failed", "unknown"] as const) {
    calls.add(past({ outcome, names: ["a"], principal: "ann" }), isHost);
    calls.add(past({ outcome, names: ["b"], principal: "bob" }), isHost);
    calls.add(past({ outcome, names: [], principal: "bob" }), isHost);
  }
  calls.keepHosts((name) => name === "b");
  assert.deepEqual(kept(calls, ({ names }) => names.join()), { b: 3, "": 3 });
  add(calls, 1, () => ({ names: ["b"], principal: "ann" }));
  calls.forgetPrincipals(["bob"]);
  assert.deepEqual(kept(calls, ({ principal }) => principal), { ann: 1 });
  add(calls, 20, () => ({ names: ["b"] }));
  assert.deepEqual(kept(calls, ({ names }) => names.join()), { b: 8 });
});
