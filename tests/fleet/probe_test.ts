import assert from "node:assert/strict";
import { within } from "../../lib/base/time/within.ts";
import type { HostState } from "../../lib/fleet/health.ts";
import { createFakeClock } from "../base/time/fake_clock.ts";
import { freePort } from "../free_port.ts";
import { startBackend } from "../lab/backend.ts";
import { openBlackHole } from "../lab/black_hole.ts";
import { silent } from "../lab/faults/connection.ts";
import type { Fault } from "../lab/faults/fault.ts";
import { createFakeSsh } from "../lab/fake_ssh.ts";
import type { Ssh } from "../../lib/fleet/ssh/client.ts";
import { labHost } from "../lab/host.ts";
import { httpText } from "../lab/http_text.ts";
import { status } from "../lab/faults/http.ts";
import { openHub } from "../lab/hub.ts";

function seen({ up, via, error, toolCount }: HostState) {
  return { up, via, error, toolCount };
}

Deno.test("probe() of a backend that answers counts its tools, and leaves ssh alone", async () => {
  await using backend = await startBackend();
  const ssh = createFakeSsh();
  const host = labHost({ lmcpUrl: backend.url });
  await using hub = openHub({ hosts: [host], ssh });
  const state = await hub.prober.probe(host);
  assert.deepEqual(seen(state), { up: true, via: "lmcp", error: null, toolCount: 0 });
  assert.equal(ssh.uses.length, 0);
  assert.deepEqual(hub.linkTo(host).health.state(), state);
});

Deno.test("probe() of a host whose backend refuses goes over ssh", async () => {
  await using backend = await startBackend({ behaviour: () => status(503) });
  const host = labHost({ lmcpUrl: backend.url });
  await using hub = openHub({ hosts: [host] });
  const state = await hub.prober.probe(host);
  assert.deepEqual(seen(state), { up: true, via: "ssh", error: null, toolCount: null });
  assert.equal(state.fallbackReason, "lmcp: http 503: Says no");
});

Deno.test("probe() gives no reason for ssh where there is no backend", async () => {
  const host = labHost();
  await using hub = openHub({ hosts: [host] });
  const { via, fallbackReason } = await hub.prober.probe(host);
  assert.deepEqual([via, fallbackReason], ["ssh", undefined]);
});

Deno.test("probe() says in the Lua hub's words why a host is down", async () => {
  const url = `http://127.0.0.1:${freePort()}/mcp`;
  const ssh = createFakeSsh(() => "not_delivered");
  const hosts = [
    labHost({ name: "both", lmcpUrl: url }),
    labHost({ name: "lmcp", lmcpUrl: url, sshHost: null }),
    labHost({ name: "ssh" }),
    labHost({ name: "none", sshHost: null }),
  ];
  await using hub = openHub({ hosts, ssh });
  const states = await hub.prober.listStates(hosts, { force: true });
  assert.deepEqual([...states.values()].map(({ error, detail }) => [error, detail]), [
    [
      "lmcp: connect: connection refused; ssh: rc=255",
      "lmcp: connect: connection refused; ssh: ssh connect failed: no route",
    ],
    ["lmcp: connect: connection refused", "lmcp: connect: connection refused"],
    ["; ssh: rc=255", "ssh: ssh connect failed: no route"],
    [null, null],
  ]);
});

Deno.test("probe() asks ssh beside a silent backend, and waits for neither alone", async () => {
  await using backend = await startBackend({ behaviour: () => silent });
  const ssh = createFakeSsh();
  const host = labHost({ lmcpUrl: backend.url, timeouts: { connectMs: 2_000, lmcpMs: 3_000 } });
  await using hub = openHub({ hosts: [host], ssh });
  const startedAt = performance.now();
  const probe = hub.prober.probe(host);
  while (ssh.uses.length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
  // The backend is given up after 5 s.
  assert.ok(performance.now() - startedAt < 3_000, "ssh was not asked beside lmcp");
  assert.deepEqual(seen(await probe), { up: true, via: "ssh", error: null, toolCount: null });
});

Deno.test("probe() is shared by all who want to know of a host", async () => {
  await using backend = await startBackend();
  const host = labHost({ lmcpUrl: backend.url });
  await using hub = openHub({ hosts: [host] });
  const options = { force: true };
  const [direct, ...listings] = await Promise.all([
    hub.prober.probe(host),
    hub.prober.listStates([host], options),
    hub.prober.listStates([host], options),
  ]);
  assert.deepEqual(listings.map((states) => states.get(host)), [direct, direct]);
  assert.equal(backend.requests.filter(({ method }) => method === "tools/list").length, 1);
});

Deno.test("listStates() looks only at hosts that are due, unless it is forced", async () => {
  const clock = createFakeClock();
  await using backend = await startBackend();
  const host = labHost({ lmcpUrl: backend.url });
  await using hub = openHub({ hosts: [host], clock });
  const lists = () => backend.requests.filter(({ method }) => method === "tools/list").length;
  const list = (force: boolean) => hub.prober.listStates([host], { force });
  await list(false);
  await list(false);
  assert.equal(lists(), 1);
  await list(true);
  assert.equal(lists(), 2);
  clock.advance(30_000);
  await list(false);
  assert.equal(lists(), 3);
});

Deno.test("listStates() of 20 black-holed and 20 silent hosts is back within connect timeout + 2 s", async () => {
  using hole = await openBlackHole();
  await using backend = await startBackend({ behaviour: () => silent });
  await using healthy = await startBackend();
  const timeouts = { connectMs: 2_000, lmcpMs: 3_000 };
  const hosts = [
    ...Array.from(
      { length: 20 },
      (_, index) => labHost({ name: `hole${index}`, lmcpUrl: hole.url, sshHost: null, timeouts }),
    ),
    ...Array.from(
      { length: 20 },
      (_, index) => labHost({ name: `silent${index}`, lmcpUrl: backend.url, timeouts }),
    ),
    labHost({ name: "healthy", lmcpUrl: healthy.url, timeouts }),
  ];
  await using hub = openHub({ hosts });
  const listing = hub.prober.listStates(hosts, { force: true });
  const listed = await within(listing, timeouts.connectMs + 2_000);
  assert.ok(typeof listed !== "string", "it took longer");
  const states = [...listed];
  assert.deepEqual(states.map(([host]) => host), hosts);
  const counts = states.reduce<Record<string, number>>((sum, [, { via, error }]) => {
    const key = via ?? error ?? "";
    return { ...sum, [key]: (sum[key] ?? 0) + 1 };
  }, {});
  assert.deepEqual(counts, { "lmcp: connect: timeout": 20, ssh: 20, lmcp: 1 });
});

Deno.test("listStates() returns what it knows in time; the probe goes on, and is recorded", async () => {
  const held = Promise.withResolvers<void>();
  const late: Fault = {
    name: "late",
    runs: true,
    strike: async ({ connection, right }) => {
      await held.promise;
      await connection.send(httpText(right));
    },
  };
  await using backend = await startBackend({ behaviour: () => late });
  const timeouts = { connectMs: 1_500, lmcpMs: 20_000 };
  const host = labHost({ lmcpUrl: backend.url, sshHost: null, timeouts });
  await using hub = openHub({ hosts: [host] });
  const [state] = [...(await hub.prober.listStates([host], { force: true })).values()];
  assert.equal(state?.error, "lmcp: timeout");
  assert.equal(hub.linkTo(host).health.state(), null);
  held.resolve();
  await hub.prober.settled();
  assert.equal(hub.linkTo(host).health.state()?.up, true);
});

for (const waitMs of [0, 1, 20]) {
  Deno.test(`probes end when the hub closes after ${waitMs} ms, with the connections they make`, async () => {
    using hole = await openBlackHole();
    const host = labHost({ lmcpUrl: hole.url, timeouts: { connectMs: 60_000 } });
    const { connectMs } = host.timeouts;
    const startedAt = performance.now();
    {
      await using hub = openHub({ hosts: [host] });
      void hub.prober.probe(host);
      await new Promise((resolve) => setTimeout(resolve, waitMs));
    }
    assert.ok(performance.now() - startedAt < connectMs / 2);
  });
}

Deno.test("a probe that throws is the trouble of one host alone", async () => {
  const broken: Ssh = {
    ...createFakeSsh(),
    run: () => Promise.reject(new Error("not a directory")),
  };
  await using backend = await startBackend();
  const hosts = [labHost({ name: "broken" }), labHost({ name: "sound", lmcpUrl: backend.url })];
  await using hub = openHub({ hosts, ssh: broken });
  const states = await hub.prober.listStates(hosts, { force: true });
  assert.deepEqual([...states.values()].map(({ up, error }) => [up, error]), [
    [false, "; ssh: Error: not a directory"],
    [true, null],
  ]);
});

Deno.test("listStates() has ssh log in once more where it is forced, and else not", async () => {
  const renewed: string[] = [];
  const ssh: Ssh = { ...createFakeSsh(), renew: ({ name }) => renewed.push(name) };
  await using backend = await startBackend();
  const hosts = [
    labHost({ name: "both", lmcpUrl: backend.url }),
    labHost({ name: "lmcp", lmcpUrl: backend.url, sshHost: null }),
    labHost({ name: "ssh" }),
  ];
  await using hub = openHub({ hosts, ssh });
  await hub.prober.listStates(hosts, { force: false });
  assert.deepEqual(renewed, []);
  await hub.prober.listStates(hosts, { force: true });
  assert.deepEqual(renewed.sort(), ["both", "ssh"]);
});
