import assert from "node:assert/strict";
import { createMemory } from "../../lib/history/memory.ts";
import type { HostState } from "../../lib/fleet/health.ts";
import { createFakeClock } from "../base/time/fake_clock.ts";
import { callRecord, delivery } from "../calls/record.ts";
import { runOwnProcess } from "../own_process.ts";

const MAX_BYTES = 10_000_000;

const UP: HostState = {
  up: true,
  via: "lmcp",
  error: null,
  detail: null,
  toolCount: 3,
  latencyMs: 5,
  checkedAt: 0,
  nextProbeAt: 0,
};

function setUp(hosts: readonly string[] = ["a", "b"]) {
  const clock = createFakeClock();
  const known = new Set(hosts);
  const memory = createMemory({
    hostName: (name) => known.has(name) ? name : undefined,
    toolName: (name) => name,
    redact: (text) => text,
    clock,
  });
  const states = (state: Partial<HostState>): HostState => ({
    ...UP,
    checkedAt: clock.wall(),
    ...state,
  });
  return { clock, states, ...memory };
}

Deno.test("createMemory() remembers how a host was reached, and why not over its first transport", () => {
  const { clock, states, reader, writer } = setUp();
  const startedAt = clock.wall();
  writer.recordState("a", states({}), 5);
  clock.advance(1_000);
  writer.recordState("a", states({ via: "ssh", fallbackReason: "lmcp: timeout" }), null);
  clock.advance(1_000);
  writer.recordState("a", states({ up: false, via: null, detail: "ssh: no route" }), null);
  clock.advance(1_000);
  writer.recordChange("a");
  writer.recordChange("b");
  assert.deepEqual(reader.spansOf("a"), [
    { status: "lmcp", reason: null, from: startedAt, to: startedAt + 1_000 },
    { status: "ssh", reason: "lmcp: timeout", from: startedAt + 1_000, to: startedAt + 2_000 },
    { status: "down", reason: "ssh: no route", from: startedAt + 2_000, to: startedAt + 3_000 },
    { status: "unknown", reason: null, from: startedAt + 3_000, to: null },
  ]);
  assert.deepEqual([reader.sinceOf("a"), reader.sinceOf("b")], [startedAt + 3_000, null]);
});

Deno.test("createMemory() counts calls by the minutes that have passed, however the clock is set", () => {
  const { clock, reader, writer } = setUp();
  const startedAt = clock.wall();
  for (const offset of [3_600_000, -7_200_000, 0]) {
    writer.recordCall(callRecord({ principal: "ann" }));
    clock.setWall(startedAt + offset);
    clock.advance(60_000);
  }
  const { all, byMinute } = reader.countsOf(null);
  assert.deepEqual([all, byMinute.slice(-4)], [3, [1, 1, 1, 0]]);
});

Deno.test("createMemory() remembers only latencies that were measured", () => {
  const { states, reader, writer } = setUp();
  writer.recordState("a", states({}), 5);
  writer.recordState("a", states({}), null);
  writer.recordState("b", states({}), null);
  assert.deepEqual(reader.latenciesOf("a").ms, [5]);
  assert.deepEqual(reader.latenciesOf("b"), { at: [], ms: [] });
  assert.deepEqual([reader.mediansOf("a")?.at(-1), reader.mediansOf("b")], [5, null]);
});

Deno.test("createMemory() counts an operator's calls for all, a client's for the client too", () => {
  const { reader, writer } = setUp();
  writer.recordCall(callRecord({ principal: "default" }));
  writer.recordCall(callRecord({ principal: "ann", outcome: "unknown" }));
  const countsOf = (principal: string | null) => {
    const { all, unknown } = reader.countsOf(principal);
    return [all, unknown];
  };
  assert.deepEqual([null, "ann", "default"].map(countsOf), [[2, 1], [1, 1], [0, 0]]);
});

Deno.test("createMemory() forgets hosts that have left, and principals that are gone", () => {
  const { states, reader, writer } = setUp();
  for (const host of ["a", "b"]) {
    writer.recordState(host, states({}), 5);
    const principal = host === "a" ? "ann" : "bob";
    writer.recordCall(callRecord({ principal, deliveries: [delivery({ host })] }));
  }
  writer.keepHosts(new Set(["b"]));
  assert.deepEqual(reader.spansOf("a"), []);
  assert.deepEqual(reader.latenciesOf("a").at, []);
  assert.deepEqual(reader.calls().map(({ hosts }) => hosts), ["b"]);
  assert.equal(reader.spansOf("b").length, 1);
  writer.forgetPrincipals(["bob"]);
  assert.deepEqual([reader.calls(), reader.countsOf("bob").all], [[], 0]);
  assert.equal(reader.countsOf(null).all, 2);
});

Deno.test(`an hour of 1,000 hosts at their worst takes less than ${MAX_BYTES} bytes`, async () => {
  const text = await runOwnProcess("history/filled_memory.ts");
  const { bytes, ...counts } = JSON.parse(text);
  // What is small since it is empty would be no measure.
  assert.deepEqual(counts, { spans: 32, latencies: 240, calls: 3_060, inDay: 120_360 });
  assert.ok(bytes > 1_000_000 && bytes < MAX_BYTES, `it takes ${bytes} bytes`);
});
