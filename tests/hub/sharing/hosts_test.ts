import assert from "node:assert/strict";
import { systemClock } from "../../../lib/base/time/clock.ts";
import { createHealth } from "../../../lib/fleet/health.ts";
import type { Host } from "../../../lib/fleet/host.ts";
import { type HostSharing, shareHosts } from "../../../lib/hub/sharing/hosts.ts";
import { writeHostState } from "../../../lib/hub/sharing/host_state.ts";
import type { NatsSettings } from "../../../lib/nats/settings.ts";
import type { Change, Table } from "../../../lib/shared/table.ts";
import { createFakeClock } from "../../base/time/fake_clock.ts";
import { freePort } from "../../free_port.ts";
import { startBackend } from "../../lab/backend.ts";
import { labHost } from "../../lab/host.ts";
import { openHub } from "../../lab/hub.ts";
import { NATS_SERVER, startNats } from "../../nats/server.ts";
import { until } from "../../processes.ts";
import { joinHubs } from "../../shared/open_hubs.ts";

const ignore = NATS_SERVER === null;

/** A hub with its own prober, which shares states; its clock is ahead by so much. */
async function openSharingHub(id: string, settings: NatsSettings, host: Host, aheadMs = 0) {
  const joined = await joinHubs(id, settings);
  const now = () => systemClock.now() + aheadMs;
  const hub = openHub({
    hosts: [host],
    clock: { now, wall: () => systemClock.wall() + aheadMs },
    onState: (host, state, latencyMs) => sharing.onState(host, state, latencyMs),
  });
  const sharing: HostSharing = shareHosts({
    table: joined.shared.hosts,
    hosts: () => new Map([[host.name, host]]),
    linkTo: hub.linkTo,
    redact: (text) => text.replaceAll("s3cret", "[secret]"),
  });
  return {
    ...hub,
    table: joined.shared.hosts,
    state: () => hub.linkTo(host).health.state(),
    list: async () => (await hub.prober.listStates([host], { force: false })).get(host),
    [Symbol.asyncDispose]: async () => {
      await sharing.close();
      await hub[Symbol.asyncDispose]();
      await joined[Symbol.asyncDispose]();
    },
  };
}

Deno.test({
  name: "what one hub has probed, another need not probe, also one that starts later",
  ignore,
  fn: async () => {
    await using server = await startNats({ jetStream: true });
    await using backend = await startBackend();
    const host = labHost({ name: "web.1", sshHost: null, lmcpUrl: backend.url });
    await using one = await openSharingHub("one", server.settings, host);
    await using two = await openSharingHub("two", server.settings, { ...host });
    const startedAt = Date.now();
    const probed = await one.list();
    await until(() => two.state() !== null);
    await using three = await openSharingHub("three", server.settings, { ...host });
    await until(() => three.state() !== null);
    const count = backend.requests.length;
    assert.ok(count > 0);
    for (const hub of [two, three]) {
      const { nextProbeAt, ...listed } = await hub.list() ?? assert.fail();
      assert.deepEqual({ ...probed, nextProbeAt: 0 }, { ...listed, nextProbeAt: 0 });
      assert.ok(nextProbeAt > startedAt + 20_000);
    }
    assert.equal(backend.requests.length, count);
  },
});

Deno.test({
  name: "a state of a host that has another address here, or is broken, is not taken over",
  ignore,
  fn: async () => {
    await using server = await startNats({ jetStream: true });
    await using backend = await startBackend();
    const host = labHost({ name: "web", sshHost: null, lmcpUrl: backend.url });
    await using one = await openSharingHub("one", server.settings, host);
    const moved = { ...host, lmcpUrl: "http://127.0.0.1:1/mcp" };
    await using two = await openSharingHub("two", server.settings, moved);
    await using three = await openSharingHub("three", server.settings, { ...host });
    await one.table.write("web", new TextEncoder().encode(`{"up":1}`), null);
    await one.list();
    await until(() => three.state() !== null);
    // What is for its address is taken over, and comes behind what is not.
    const state = { ...three.state() ?? assert.fail(), toolCount: 4_711 };
    await one.table.write("web", writeHostState(moved, { state, measuredMs: 7 }, String), null);
    await until(() => two.state() !== null);
    assert.equal(two.state()?.toolCount, 4_711);
  },
});

Deno.test({
  name: "a host that is down for one hub is down for the other, and why is said without secrets",
  ignore,
  fn: async () => {
    await using server = await startNats({ jetStream: true });
    const lmcpUrl = `http://127.0.0.1:${freePort()}/mcp`;
    const host = labHost({ name: "web", sshHost: null, lmcpUrl });
    await using one = await openSharingHub("one", server.settings, host);
    await using two = await openSharingHub("two", server.settings, { ...host }, 60_000);
    one.linkTo(host).health.record({
      up: false,
      via: null,
      error: "lmcp: s3cret",
      detail: "lmcp: said s3cret",
      toolCount: null,
      latencyMs: null,
    });
    await until(() => two.state() !== null);
    assert.equal(two.state()?.detail, "lmcp: said [secret]");
    // Its clock is ahead, so for it the state is old by now.
    assert.match((await two.list())?.detail ?? "", /refused/);
    await until(() => /refused/.test(one.state()?.detail ?? ""));
  },
});

Deno.test("a state of a hub whose clock is ahead is adopted, and not written once more", async () => {
  const clock = createFakeClock();
  const host = labHost({ name: "web" });
  let writes = 0;
  let hear: (change: Change) => void = () => {};
  const table: Table = {
    read: () => Promise.resolve({ kind: "none" }),
    write: () => Promise.resolve({ kind: "written", revision: ++writes }),
    remove: () => Promise.resolve(true),
    watch: (_, listener) => {
      hear = listener;
      return () => {};
    },
  };
  const health = createHealth({ upMs: 30_000, downMinMs: 5_000, downMaxMs: 60_000 }, clock, {
    onState: (state, latencyMs) => sharing.onState(host, state, latencyMs),
  });
  const [link, redact] = [{ health }, (text: string) => text];
  const hosts = new Map([[host.name, host]]);
  const sharing = shareHosts({ table, hosts: () => hosts, linkTo: () => link, redact });
  const checkedAt = clock.wall() + 2_000;
  const facts = { error: null, detail: null, toolCount: 3, latencyMs: 7, checkedAt };
  const state = { up: true, via: "lmcp", nextProbeAt: checkedAt + 30_000, ...facts } as const;
  const value = writeHostState(host, { state, measuredMs: 7 }, redact);
  hear({ kind: "put", entry: { key: host.name, value, revision: 1 } });
  assert.equal(health.state()?.toolCount, 3);
  assert.equal(health.state()?.checkedAt, clock.wall());
  assert.equal(writes, 0);
  await sharing.close();
});
