import assert from "node:assert/strict";
import type { HostState } from "../../../lib/fleet/health.ts";
import type { Host } from "../../../lib/fleet/host.ts";
import { probeAll } from "../../../lib/hub/listing/probe_all.ts";
import { createFakeClock } from "../../base/time/fake_clock.ts";
import { labHost } from "../../lab/host.ts";

const UP: HostState = {
  up: true,
  via: "ssh",
  error: null,
  detail: null,
  toolCount: null,
  latencyMs: 1,
  checkedAt: 0,
  nextProbeAt: 0,
};
const TIMED_OUT: HostState = { ...UP, up: false, via: null, error: "; ssh: timeout" };

/** How long the fake `listStates` waits for a host. */
const LISTING_MS = 4_500;

/** Probes hosts that answer after `upAfterMs`, or never where that is null; time is the test's. */
function startProbe(upAfterMs: Readonly<Record<string, number | null>>) {
  const clock = createFakeClock();
  const stop = new AbortController();
  const later = (ms: number, state: HostState) =>
    new Promise<HostState>((resolve) => clock.after(ms, () => resolve(state)));
  const hosts = Object.keys(upAfterMs).map((name) => labHost({ name }));
  const printed: string[] = [];
  const waits: number[] = [];
  const probed = probeAll(hosts, {
    probe: ({ name }) => {
      const ms = upAfterMs[name];
      return typeof ms === "number" ? later(ms, UP) : new Promise(() => {});
    },
    listStates: async ([host]) => {
      const state = await later(LISTING_MS, TIMED_OUT);
      const states: (readonly [Host, HostState])[] = host === undefined ? [] : [[host, state]];
      return new Map(states);
    },
    quietMs: LISTING_MS,
    clock,
    signal: stop.signal,
    onState: ({ name }, { up }) => printed.push(`${name} ${up ? "UP" : "DOWN"}`),
    onWait: (count) => waits.push(count),
  });
  return {
    printed,
    waits,
    probed: probed.then((states) => states.map(([{ name }, { up }]) => [name, up])),
    stop: () => stop.abort(),
    advance: async (ms: number) => {
      for (let passed = 0; passed < ms; passed += 100) {
        clock.advance(100);
        for (let turn = 0; turn < 10; turn++) await Promise.resolve();
      }
    },
  };
}

Deno.test("probeAll() reports hosts as they answer, and returns them in order", async () => {
  const { printed, probed, advance } = startProbe({ a: 300, b: 100, c: 200 });
  await advance(100);
  assert.deepEqual(printed, ["b UP"]);
  await advance(200);
  assert.deepEqual(printed, ["b UP", "c UP", "a UP"]);
  assert.deepEqual(await probed, [["a", true], ["b", true], ["c", true]]);
});

Deno.test("probeAll() gives up silent hosts when their time is over and all is quiet", async () => {
  const { printed, probed, advance } = startProbe({ silent: null, up: 1_000 });
  await advance(5_400);
  assert.deepEqual(printed, ["up UP"]);
  await advance(100);
  assert.deepEqual(printed, ["up UP", "silent DOWN"]);
  assert.deepEqual(await probed, [["silent", false], ["up", true]]);
});

Deno.test("probeAll() does not give up a host that waits for its turn while others come up", async () => {
  const names = Array.from({ length: 10 }, (_, index) => [`h${index}`, 4_000 * (index + 1)]);
  const { printed, probed, advance } = startProbe(Object.fromEntries(names));
  await advance(40_000);
  assert.equal(printed.filter((line) => line.endsWith("UP")).length, 10);
  assert.equal((await probed).length, 10);
});

Deno.test("probeAll() reports every two seconds how many hosts have not answered", async () => {
  const { waits, probed, advance } = startProbe({ a: null, b: null, c: 3_000 });
  await advance(4_000);
  assert.deepEqual(waits, [3, 2]);
  await advance(10_000);
  await probed;
  assert.deepEqual(waits, [3, 2, 2]);
});

Deno.test("probeAll() returns what it knows when it is stopped, and reports no more", async () => {
  const { printed, probed, advance, stop } = startProbe({ a: 100, b: 1_000 });
  await advance(200);
  stop();
  assert.deepEqual(await probed, [["a", true]]);
  await advance(10_000);
  assert.deepEqual(printed, ["a UP"]);
});

Deno.test("probeAll() begins a thousand probes in turns, and ends with all of them", async () => {
  const names = Array.from({ length: 1_000 }, (_, index) => [`h${index}`, 100]);
  const { printed, probed, advance } = startProbe(Object.fromEntries(names));
  await advance(10_000);
  assert.equal((await probed).length, 1_000);
  assert.equal(printed.length, 1_000);
});
