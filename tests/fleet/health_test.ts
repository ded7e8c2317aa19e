import assert from "node:assert/strict";
import { createHealth, type Observation } from "../../lib/fleet/health.ts";
import { createFakeClock } from "../base/time/fake_clock.ts";

const UP: Observation = {
  up: true,
  via: "lmcp",
  error: null,
  detail: null,
  toolCount: 7,
  latencyMs: 12,
};
const DOWN: Observation = {
  up: false,
  via: null,
  error: "lmcp: timeout; ssh: rc=255",
  detail: "lmcp: timeout; ssh: no route",
  toolCount: null,
  latencyMs: null,
};

function setUp() {
  const clock = createFakeClock();
  const times = { upMs: 30_000, downMinMs: 30_000, downMaxMs: 300_000 };
  return { clock, health: createHealth(times, clock) };
}

Deno.test("a host never seen has no state, and is due", () => {
  const { health } = setUp();
  assert.equal(health.state(), null);
  assert.equal(health.isDue(), true);
});

Deno.test("an UP host is believed for its time, to the millisecond", () => {
  const { clock, health } = setUp();
  const state = health.record(UP);
  assert.deepEqual(state, { ...UP, checkedAt: clock.wall(), nextProbeAt: clock.wall() + 30_000 });
  clock.advance(29_999);
  assert.equal(health.isDue(), false);
  clock.advance(1);
  assert.equal(health.isDue(), true);
});

Deno.test("a DOWN host waits twice as long each time, from the least to the longest wait", () => {
  const { health } = setUp();
  const waits = Array.from({ length: 7 }, () => {
    const { checkedAt, nextProbeAt } = health.record(DOWN);
    return (nextProbeAt - checkedAt) / 1000;
  });
  assert.deepEqual(waits, [30, 60, 120, 240, 300, 300, 300]);
});

Deno.test("a host that came up again starts with the least wait", () => {
  const { health } = setUp();
  for (const observation of [DOWN, DOWN, DOWN, UP]) health.record(observation);
  const { checkedAt, nextProbeAt } = health.record(DOWN);
  assert.equal(nextProbeAt - checkedAt, 30_000);
});

Deno.test("a wall clock that is set back or forth changes no interval", () => {
  const { clock, health } = setUp();
  health.record(UP);
  health.recordPort(true);
  clock.setWall(0);
  clock.advance(29_999);
  assert.equal(health.isDue(), false);
  assert.equal(health.portTimedOutFor(), 29_999);
  clock.setWall(1e15);
  assert.equal(health.isDue(), false);
  assert.equal(health.portTimedOutFor(), 29_999);
});

Deno.test("a call over the same transport keeps what the probe has measured", () => {
  const { clock, health } = setUp();
  health.record(UP);
  clock.advance(10_000);
  health.recordUp("lmcp");
  assert.deepEqual(health.state(), {
    ...UP,
    checkedAt: clock.wall(),
    nextProbeAt: clock.wall() + 30_000,
  });
});

Deno.test("a call over the other transport forgets what the probe has measured", () => {
  const { health } = setUp();
  health.record(UP);
  health.recordUp("ssh");
  const { via, toolCount, latencyMs } = health.state() ?? DOWN;
  assert.deepEqual({ via, toolCount, latencyMs }, { via: "ssh", toolCount: null, latencyMs: null });
});

Deno.test("a port that timed out is remembered for 30 s", () => {
  const { clock, health } = setUp();
  assert.equal(health.portTimedOutFor(), null);
  health.recordPort(true);
  clock.advance(29_999);
  assert.equal(health.portTimedOutFor(), 29_999);
  clock.advance(1);
  assert.equal(health.portTimedOutFor(), null);
});

Deno.test("a port that was reached is forgotten to have timed out", () => {
  const { health } = setUp();
  health.recordPort(true);
  health.recordUp("ssh");
  assert.equal(health.portTimedOutFor(), 0);
  health.recordPort(false);
  assert.equal(health.portTimedOutFor(), null);
  health.recordPort(true);
  health.recordUp("lmcp");
  assert.equal(health.portTimedOutFor(), null);
});

Deno.test("each new state is reported, with the latency that was measured for it", () => {
  const reported: unknown[] = [];
  const times = { upMs: 30_000, downMinMs: 30_000, downMaxMs: 300_000 };
  const health = createHealth(times, createFakeClock(), {
    onState: (state, latencyMs) =>
      reported.push([state === health.state(), state.via, state.fallbackReason, latencyMs]),
  });
  health.record(UP);
  health.recordUp("lmcp");
  health.recordUp("ssh", "timeout");
  health.record(DOWN);
  health.recordPort(true);
  assert.deepEqual(reported, [
    [true, "lmcp", undefined, 12],
    [true, "lmcp", undefined, null],
    [true, "ssh", "timeout", null],
    [true, null, undefined, null],
  ]);
});

Deno.test("a host that is called all the time is due for a probe all the same", () => {
  const { clock, health } = setUp();
  assert.equal(health.isProbeDue(), true);
  health.recordUp("lmcp");
  assert.deepEqual([health.isDue(), health.isProbeDue()], [false, true]);
  health.record(UP);
  assert.equal(health.isProbeDue(), false);
  clock.advance(20_000);
  health.recordUp("lmcp");
  clock.advance(10_000);
  assert.deepEqual([health.isDue(), health.isProbeDue()], [false, true]);
});

Deno.test("what another hub has found out is known here, and probed later than there", () => {
  const { clock, health } = setUp();
  const state = { ...UP, checkedAt: clock.wall() - 10_000, nextProbeAt: clock.wall() + 20_000 };
  health.adopt(state, 12);
  assert.deepEqual(health.state(), state);
  clock.advance(22_999);
  assert.deepEqual([health.isDue(), health.isProbeDue()], [false, false]);
  clock.advance(1);
  assert.deepEqual([health.isDue(), health.isProbeDue()], [true, true]);
});

Deno.test("what another hub has found out does not replace what is newer, whatever its clock says", () => {
  const { clock, health } = setUp();
  const own = health.record(UP);
  health.adopt({ ...DOWN, checkedAt: own.checkedAt, nextProbeAt: own.checkedAt + 1_000 }, null);
  assert.equal(health.state(), own);
  clock.advance(1_000);
  const ahead = clock.wall() + 900_000;
  health.adopt({ ...DOWN, checkedAt: ahead, nextProbeAt: ahead + 30_000 }, null);
  assert.equal(health.state()?.up, false);
  assert.deepEqual(health.state()?.checkedAt, clock.wall());
  clock.advance(303_000);
  assert.equal(health.isDue(), true);
  clock.advance(1);
  health.adopt({ ...UP, checkedAt: clock.wall(), nextProbeAt: clock.wall() - 1 }, null);
  assert.deepEqual([health.state()?.up, health.isDue()], [true, true]);
});

Deno.test("a host that announces itself is UP, and needs no probe while it does", () => {
  const { clock, health } = setUp();
  health.record({ ...UP, via: "nats", latencyMs: 5 });
  clock.advance(29_000);
  health.recordPresence(17);
  clock.advance(29_000);
  assert.equal(health.isDue(), false);
  assert.equal(health.isProbeDue(), false);
  // What a probe has measured stays what was measured last.
  assert.equal(health.state()?.latencyMs, 5);
  assert.equal(health.state()?.toolCount, 17);
  clock.advance(1_000);
  assert.equal(health.isDue(), true);
  health.record(DOWN);
  health.recordPresence(17);
  assert.deepEqual([health.state()?.up, health.state()?.latencyMs], [true, null]);
});
