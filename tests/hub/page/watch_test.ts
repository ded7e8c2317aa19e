import assert from "node:assert/strict";
import { createProbing } from "../../../lib/hub/page/watching/probing.ts";
import type { Host } from "../../../lib/fleet/host.ts";
import { createFakeClock } from "../../base/time/fake_clock.ts";
import { startBackend } from "../../lab/backend.ts";
import { labHost } from "../../lab/host.ts";
import { clientTable, hostTable, openViewLab, type ViewLab } from "./view_lab.ts";

/** Three hosts, of which a client sees one. */
async function openFleet() {
  const backend = await startBackend();
  const registry =
    ["a", "b", "c"].map((name) => hostTable(name, { lmcp_url: backend.url })).join("") +
    clientTable("ann", { hosts: ["b"] });
  const lab = await openViewLab({ registry });
  return {
    ...lab,
    [Symbol.asyncDispose]: async () => {
      await lab[Symbol.asyncDispose]();
      await backend[Symbol.asyncDispose]();
    },
  };
}

/** Lets the probes under way end, and what follows them. */
async function settle({ hub }: ViewLab): Promise<void> {
  await hub.prober.settled();
  await new Promise((resolve) => setTimeout(resolve, 0));
}

Deno.test("hosts are probed while somebody watches, as soon as they are due, and else never", async () => {
  await using lab = await openFleet();
  const view = lab.open("default");
  view.snapshot();
  lab.clock.advance(120_000);
  assert.deepEqual(lab.probed, []);
  const reports: number[] = [];
  const unwatch = view.watch(() => reports.push(lab.clock.now()));
  assert.deepEqual([...lab.probed].sort(), ["a", "b", "c"]);
  await settle(lab);
  lab.clock.advance(28_000);
  assert.equal(lab.probed.length, 3);
  assert.equal(view.snapshot().tiles.up, 3);
  assert.ok(reports.length > 0);
  lab.clock.advance(5_000);
  assert.equal(lab.probed.length, 6);
  await settle(lab);
  unwatch();
  lab.clock.advance(300_000);
  assert.equal(lab.probed.length, 6);
  assert.equal(lab.clock.pending(), 0);
});

Deno.test("of hosts, those are probed that somebody watches may see", async () => {
  await using lab = await openFleet();
  const unwatch = lab.open("ann").watch(() => {});
  assert.deepEqual(lab.probed, ["b"]);
  await settle(lab);
  const unwatchOther = lab.open("default").watch(() => {});
  assert.deepEqual([...lab.probed].sort(), ["a", "b", "c"]);
  await settle(lab);
  unwatchOther();
  lab.clock.advance(31_000);
  assert.deepEqual(lab.probed.slice(3), ["b"]);
  await settle(lab);
  unwatch();
});

Deno.test("a view that is watched computes nothing while nothing changes, and misses no change", async () => {
  await using lab = await openFleet();
  const view = lab.open("default");
  const unwatch = view.watch(() => {});
  await settle(lab);
  const before = view.snapshot();
  let reads = 0;
  const { list } = lab.server.calls;
  Object.assign(lab.server.calls, { list: () => (reads++, list()) });
  assert.equal(view.snapshot(), before);
  assert.equal(reads, 0);
  await lab.call("default", "remote_list_dir", { host: "a", path: "/" });
  assert.notEqual(view.snapshot(), before);
  unwatch();
});

Deno.test("calls by minute move on with the time while somebody watches", async () => {
  await using lab = await openFleet();
  const view = lab.open("default");
  let reports = 0;
  const unwatch = view.watch(() => reports++);
  await settle(lab);
  await lab.call("default", "remote_list_dir", { host: "a", path: "/" });
  lab.clock.advance(1_000);
  const lastMinutes = () => view.snapshot().tiles.callsByMinute.slice(-2);
  assert.deepEqual(lastMinutes(), [0, 1]);
  const before = reports;
  lab.clock.advance(60_000);
  assert.ok(reports > before);
  assert.deepEqual(lastMinutes(), [1, 0]);
  await settle(lab);
  unwatch();
});

Deno.test("a call that begins, and one that ends, is reported to those who watch", async () => {
  await using lab = await openFleet();
  const view = lab.open("default");
  let reports = 0;
  const unwatch = view.watch(() => reports++);
  await settle(lab);
  lab.clock.advance(1_000);
  const before = reports;
  const call = lab.call("default", "remote_list_dir", { host: "a", path: "/" });
  lab.clock.advance(300);
  assert.equal(reports, before + 1);
  assert.equal(view.snapshot().calls.running.length, 1);
  await call;
  lab.clock.advance(300);
  assert.equal(reports, before + 2);
  assert.equal(view.snapshot().calls.running.length, 0);
  unwatch();
});

Deno.test("createProbing() has so many probes under way, and no bug of one ends it", async () => {
  const clock = createFakeClock();
  const hosts = Array.from({ length: 300 }, (_, index) => labHost({ name: `h${index}` }));
  const open = new Map<Host, PromiseWithResolvers<void>>();
  const logged: unknown[] = [];
  let started = 0;
  const known = new Set<Host>();
  const probing = createProbing({
    hosts: () => hosts,
    linkTo: (host) => ({ health: healthOf(host) }),
    probe: (host) => {
      started++;
      known.add(host);
      const probe = Promise.withResolvers<void>();
      open.set(host, probe);
      return probe.promise;
    },
    onTick: () => {},
    clock,
    log: { error: (_message, fields) => logged.push(fields?.host) },
  });
  function healthOf(host: Host) {
    return {
      isDue: () => assert.fail(),
      isProbeDue: () => !known.has(host),
      state: () => null,
      record: () => assert.fail(),
      adopt: () => assert.fail(),
      recordUp: () => assert.fail(),
      recordPresence: () => assert.fail(),
      recordPort: () => assert.fail(),
      portTimedOutFor: () => null,
    };
  }
  const endAll = async (end: (probe: PromiseWithResolvers<void>) => void) => {
    for (const probe of open.values()) end(probe);
    open.clear();
    await new Promise((resolve) => setTimeout(resolve, 0));
  };
  probing.start();
  clock.advance(10_000);
  assert.deepEqual([started, known.size], [128, 128]);
  await endAll(({ reject }) => reject(new Error("a bug")));
  assert.deepEqual([started, known.size, logged.length], [256, 256, 128]);
  probing.stop();
  await endAll(({ resolve }) => resolve());
  assert.equal(started, 256);
  probing.start();
  assert.equal(started, 300);
  await endAll(({ resolve }) => resolve());
  probing.stop();
  assert.equal(clock.pending(), 0);
});
