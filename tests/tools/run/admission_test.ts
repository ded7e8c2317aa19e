import assert from "node:assert/strict";
import type { Claimant } from "../../../lib/calls/claimant.ts";
import type { Via } from "../../../lib/fleet/transport.ts";
import { createAdmissions, createRunLimits } from "../../../lib/tools/run/admission.ts";
import { createFakeClock } from "../../base/time/fake_clock.ts";

const OPERATOR: Claimant = { name: "default", isOperator: true };
const ANN: Claimant = { name: "ann", isOperator: false };
const LIMITS = createRunLimits(createFakeClock());

/** All that is waiting comes to its end: nothing here waits for anything but memory. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setTimeout(resolve, 0));
}

/** A run over so many hosts that are ready at once; `admitted` counts those that may begin. */
function startRun(
  { count, claimant = OPERATOR, parallel, via, limits = LIMITS }: {
    readonly count: number;
    readonly claimant?: Claimant;
    readonly parallel: number;
    readonly via: Via | null;
    readonly limits?: typeof LIMITS;
  },
) {
  const caller = new AbortController();
  const admissions = createAdmissions({ limits, claimant, signal: caller.signal, parallel });
  const state = { opened: 0, admitted: 0, refused: 0 };
  const held: Disposable[] = [];
  async function begin(): Promise<void> {
    const admission = await admissions.open();
    if (admission === null) return void state.refused++;
    state.opened++;
    held.push(admission);
    if (via === null) return;
    const isAdmitted = await admission.admit(via);
    assert.equal(admission.isAdmitted(), isAdmitted);
    if (isAdmitted) state.admitted++;
  }
  const all = Array.from({ length: count }, begin);
  return {
    state,
    endOne: () => held.shift()?.[Symbol.dispose](),
    cancel: async () => {
      caller.abort();
      await Promise.all(all);
      for (const admission of held) admission[Symbol.dispose]();
    },
  };
}

Deno.test("createAdmissions() lets exactly so many commands begin, and the next when one has ended", async () => {
  const run = startRun({ count: 10, parallel: 3, via: "lmcp" });
  await settle();
  assert.deepEqual(run.state, { opened: 10, admitted: 3, refused: 0 });
  run.endOne();
  await settle();
  assert.equal(run.state.admitted, 4);
  await run.cancel();
});

Deno.test("createAdmissions() opens at most 512 hosts of a run that do not get ready, and 1,024 of all", async () => {
  const limits = createRunLimits(createFakeClock());
  const runs = [1, 2, 3].map(() => startRun({ count: 600, parallel: 1, via: null, limits }));
  await settle();
  assert.deepEqual(runs.map(({ state }) => state.opened), [512, 512, 0]);
  runs[0]?.endOne();
  await settle();
  assert.deepEqual(
    runs.map(({ state }) => state.opened).reduce((sum, opened) => sum + opened),
    1_025,
  );
  for (const run of runs) await run.cancel();
  assert.equal(limits.connecting.running, 0);
});

Deno.test("createAdmissions() leaves a quarter of the ssh sessions, and lmcp goes on", async () => {
  const limits = createRunLimits(createFakeClock());
  const runs = [1, 2].map(() => startRun({ count: 60, parallel: 60, via: "ssh", limits }));
  const lmcp = startRun({ count: 60, parallel: 60, via: "lmcp", limits });
  await settle();
  assert.equal(runs.reduce((sum, { state }) => sum + state.admitted, 0), 48);
  assert.equal(lmcp.state.admitted, 60);
  for (const run of [...runs, lmcp]) await run.cancel();
  assert.equal(limits.ssh.running, 0);
});

Deno.test("createAdmissions() gives a client half of that, whatever it asks for", async () => {
  const limits = createRunLimits(createFakeClock());
  const own = [1, 2].map(() =>
    startRun({ count: 60, claimant: ANN, parallel: 60, via: "ssh", limits })
  );
  await settle();
  assert.equal(own.reduce((sum, { state }) => sum + state.admitted, 0), 24);
  const operator = startRun({ count: 60, parallel: 60, via: "ssh", limits });
  await settle();
  assert.equal(operator.state.admitted, 24);
  for (const run of [...own, operator]) await run.cancel();
});

Deno.test("createAdmissions() lets nothing begin any more for a caller who is gone", async () => {
  const run = startRun({ count: 600, parallel: 2, via: "lmcp" });
  await settle();
  await run.cancel();
  assert.equal(run.state.admitted, 2);
  // Two have begun, which made room for two more to be connected to.
  assert.deepEqual([run.state.opened, run.state.refused], [514, 86]);
});
