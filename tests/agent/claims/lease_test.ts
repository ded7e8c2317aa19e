import assert from "node:assert/strict";
import { LEASE_MS, RunLease } from "../../../lib/agent/claims/lease.ts";
import { CallEnded } from "../../../lib/mcp/in_flight.ts";
import { createFakeClock } from "../../base/time/fake_clock.ts";

/** A run that ends when its test says so, and what is known of it. */
function startRun({ wasAsked = false } = {}) {
  const clock = createFakeClock();
  const [ending, caller] = [new AbortController(), new AbortController()];
  const asked = { past: wasAsked };
  const lease = new RunLease({ ending, clock, wasAsked: () => Promise.resolve(asked.past) });
  const { promise, resolve: end } = Promise.withResolvers<string>();
  const done = lease.run(caller.signal, () => promise);
  return { clock, ending, caller, asked, lease, end, done };
}

const turn = () => new Promise((resolve) => setTimeout(resolve, 0));

Deno.test("RunLease ends a run at once when its caller cancels it", () => {
  const { ending, caller } = startRun();
  caller.abort(new CallEnded("cancelled"));
  assert.equal(ending.signal.aborted, true);
});

Deno.test("RunLease ends the run of a caller that is disconnected and does not ask", async () => {
  const { clock, ending, caller } = startRun();
  clock.advance(10 * LEASE_MS);
  assert.equal(ending.signal.aborted, false);
  caller.abort(new CallEnded("disconnected"));
  clock.advance(LEASE_MS - 1);
  await turn();
  assert.equal(ending.signal.aborted, false);
  clock.advance(1);
  await turn();
  assert.equal(ending.signal.aborted, true);
});

Deno.test("RunLease lets a run go on while somebody asks, here or past this program", async () => {
  const { clock, ending, caller, asked, lease } = startRun();
  caller.abort(new CallEnded("disconnected"));
  for (let times = 0; times < 5; times++) {
    clock.advance(LEASE_MS - 1);
    lease.renew();
  }
  asked.past = true;
  for (let times = 0; times < 5; times++) {
    clock.advance(LEASE_MS);
    await turn();
  }
  assert.equal(ending.signal.aborted, false);
  asked.past = false;
  clock.advance(LEASE_MS);
  await turn();
  assert.equal(ending.signal.aborted, true);
});

Deno.test("RunLease leaves no timer behind", async () => {
  const { clock, caller, lease, end, done } = startRun();
  caller.abort(new CallEnded("disconnected"));
  end("done");
  assert.equal(await done, "done");
  lease.renew();
  assert.equal(clock.pending(), 0);
});
