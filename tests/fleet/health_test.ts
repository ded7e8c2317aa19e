import assert from "node:assert/strict";
import { createHealth, type Sighting } from "../../lib/fleet/health.ts";
import { createFakeClocks } from "../lab/fake_clocks.ts";
import { labHost } from "../lab/host.ts";

const UP: Sighting = {
  up: true,
  via: "lmcp",
  error: null,
  detail: null,
  toolCount: 7,
  latencyMs: 12,
};
const DOWN: Sighting = {
  up: false,
  via: null,
  error: "lmcp: timeout; ssh: rc=255",
  detail: "lmcp: timeout; ssh: no route",
  toolCount: null,
  latencyMs: null,
};

function setUp() {
  const clocks = createFakeClocks();
  const times = { upMs: 30_000, downMinMs: 30_000, downMaxMs: 300_000 };
  return { clocks, health: createHealth(times, clocks), host: labHost() };
}

Deno.test("a host never seen has no state, and is due", () => {
  const { health, host } = setUp();
  assert.equal(health.stateOf(host), null);
  assert.equal(health.isDue(host), true);
});

Deno.test("an UP host is believed for its time, to the millisecond", () => {
  const { clocks, health, host } = setUp();
  const state = health.record(host, UP);
  assert.deepEqual(state, { ...UP, checkedAt: clocks.wall(), nextProbeAt: clocks.wall() + 30_000 });
  clocks.advance(29_999);
  assert.equal(health.isDue(host), false);
  clocks.advance(1);
  assert.equal(health.isDue(host), true);
});

Deno.test("a DOWN host waits twice as long each time, from the least to the longest wait", () => {
  const { health, host } = setUp();
  const waits = Array.from({ length: 7 }, () => {
    const { checkedAt, nextProbeAt } = health.record(host, DOWN);
    return (nextProbeAt - checkedAt) / 1000;
  });
  assert.deepEqual(waits, [30, 60, 120, 240, 300, 300, 300]);
});

Deno.test("a host that came up again starts with the least wait", () => {
  const { health, host } = setUp();
  for (const sighting of [DOWN, DOWN, DOWN, UP]) health.record(host, sighting);
  const { checkedAt, nextProbeAt } = health.record(host, DOWN);
  assert.equal(nextProbeAt - checkedAt, 30_000);
});

Deno.test("a wall clock that is set back or forth changes no interval", () => {
  const { clocks, health, host } = setUp();
  health.record(host, UP);
  health.recordPort(host, true);
  clocks.setWall(0);
  clocks.advance(29_999);
  assert.equal(health.isDue(host), false);
  assert.equal(health.portTimedOutFor(host), 29_999);
  clocks.setWall(1e15);
  assert.equal(health.isDue(host), false);
  assert.equal(health.portTimedOutFor(host), 29_999);
});

Deno.test("a call over the same transport keeps what the probe has measured", () => {
  const { clocks, health, host } = setUp();
  health.record(host, UP);
  clocks.advance(10_000);
  health.recordUp(host, "lmcp");
  assert.deepEqual(health.stateOf(host), {
    ...UP,
    checkedAt: clocks.wall(),
    nextProbeAt: clocks.wall() + 30_000,
  });
});

Deno.test("a call over the other transport forgets what the probe has measured", () => {
  const { health, host } = setUp();
  health.record(host, UP);
  health.recordUp(host, "ssh");
  const { via, toolCount, latencyMs } = health.stateOf(host) ?? DOWN;
  assert.deepEqual({ via, toolCount, latencyMs }, { via: "ssh", toolCount: null, latencyMs: null });
});

Deno.test("a port that timed out is remembered for 30 s", () => {
  const { clocks, health, host } = setUp();
  assert.equal(health.portTimedOutFor(host), null);
  health.recordPort(host, true);
  clocks.advance(29_999);
  assert.equal(health.portTimedOutFor(host), 29_999);
  clocks.advance(1);
  assert.equal(health.portTimedOutFor(host), null);
});

Deno.test("a port that was reached is forgotten to have timed out", () => {
  const { health, host } = setUp();
  health.recordPort(host, true);
  health.recordUp(host, "ssh");
  assert.equal(health.portTimedOutFor(host), 0);
  health.recordPort(host, false);
  assert.equal(health.portTimedOutFor(host), null);
  health.recordPort(host, true);
  health.recordUp(host, "lmcp");
  assert.equal(health.portTimedOutFor(host), null);
});

Deno.test("a reloaded host of the same name starts anew", () => {
  const { health, host } = setUp();
  health.record(host, UP);
  assert.equal(health.stateOf(labHost()), null);
});
