import assert from "node:assert/strict";
import { within } from "../../lib/base/time/within.ts";
import type { BackendTool } from "../../lib/fleet/backend/tool_list.ts";
import { HUB } from "../../lib/fleet/claimant.ts";
import type { Host } from "../../lib/fleet/host.ts";
import type { Asker } from "../../lib/fleet/inventory.ts";
import type { JsonObject } from "../../lib/mcp/message.ts";
import { createFakeClock } from "../base/time/fake_clock.ts";
import { freePort } from "../free_port.ts";
import { type Behaviour, startBackend } from "../lab/backend.ts";
import { openBlackHole } from "../lab/black_hole.ts";
import { silent } from "../lab/faults/connection.ts";
import { plainDialect, sessionDialect } from "../lab/dialect.ts";
import { createFakeSsh } from "../lab/fake_ssh.ts";
import { labHost } from "../lab/host.ts";
import { status } from "../lab/faults/http.ts";
import { openHub } from "../lab/hub.ts";
import { until } from "../processes.ts";

const asker: Asker = {
  claimant: HUB,
  signal: new AbortController().signal,
  traceparent: null,
};

/** A backend with one list of tools. */
function lists(...tools: readonly unknown[]) {
  return { tools: () => ({ tools }) };
}

const names = (tools: readonly BackendTool[]) => tools.map(({ name }) => name).join();
const ALL = { pick: (tools: readonly BackendTool[]) => tools, asker };
const NAMES = { pick: names, asker };

Deno.test("ofHost() reads name, description and schema, and nothing else", async () => {
  const inputSchema = { type: "object", properties: { unit: { type: "string", "x-odd": 1 } } };
  await using backend = await startBackend(lists(
    { name: "restart", description: "Restarts\n a \u202eunit", inputSchema, title: "x", odd: {} },
    { name: "bare" },
    { name: "odd", description: 5, inputSchema: [] },
  ));
  const host = labHost({ lmcpUrl: backend.url });
  await using hub = openHub({ hosts: [host] });
  assert.deepEqual(await hub.inventory.ofHost(host, ALL), {
    kind: "known",
    via: "lmcp",
    tools: [
      { name: "restart", description: "Restarts a unit", inputSchema },
      { name: "bare", description: "", inputSchema: null },
      { name: "odd", description: "", inputSchema: null },
    ],
    unusable: 0,
  });
});

for (const [what, dialect] of [["plain", plainDialect], ["session", sessionDialect]] as const) {
  Deno.test(`ofHost() asks a ${what} legacy backend too`, async () => {
    await using backend = await startBackend({ ...lists({ name: "a" }), dialect });
    const host = labHost({ lmcpUrl: backend.url });
    await using hub = openHub({ hosts: [host] });
    const offer = await hub.inventory.ofHost(host, ALL);
    assert.ok(offer.kind === "known");
    assert.equal(names(offer.tools), "a");
  });
}

Deno.test("ofHost() counts what cannot be used: bad names, and tools beyond 500", async () => {
  const bad = ["", "two words", "a\nb", "ü", "x".repeat(129), 5, null].map((name) => ({ name }));
  const good = Array.from({ length: 501 }, (_, index) => ({ name: `t${index}` }));
  await using backend = await startBackend(lists(...bad, "no tool", ...good));
  const host = labHost({ lmcpUrl: backend.url });
  await using hub = openHub({ hosts: [host] });
  const offer = await hub.inventory.ofHost(host, ALL);
  assert.ok(offer.kind === "known");
  assert.deepEqual([offer.tools.length, offer.unusable], [500, bad.length + 2]);
});

Deno.test("ofHost() reads a list page by page, and no endless one", async () => {
  const pages: Readonly<Record<string, JsonObject>> = {
    "": { tools: [{ name: "a" }], nextCursor: "2" },
    "2": { tools: [{ name: "b" }], nextCursor: "3" },
    "3": { tools: [{ name: "c" }] },
  };
  await using backend = await startBackend({
    tools: ({ cursor }) => pages[String(cursor ?? "")] ?? {},
  });
  await using endless = await startBackend({ tools: () => ({ tools: [{}], nextCursor: "x" }) });
  const host = labHost({ name: "three", lmcpUrl: backend.url });
  const other = labHost({ name: "endless", lmcpUrl: endless.url });
  await using hub = openHub({ hosts: [host, other] });
  const offer = await hub.inventory.ofHost(host, ALL);
  assert.equal(offer.kind === "known" && names(offer.tools), "a,b,c");
  assert.deepEqual(await hub.inventory.ofHost(other, ALL), {
    kind: "known",
    via: "lmcp",
    tools: [],
    unusable: 20,
  });
});

const FAILURES = [
  ["refuses", () => status(503), /^http 503: /],
  ["gives no list", null, /^the list of tools is no list$/],
] as const;

for (const [what, fault, reason] of FAILURES) {
  Deno.test(`ofHost() says why a backend that ${what} has no tools`, async () => {
    await using backend = await startBackend({
      tools: () => ({ tools: {} }),
      ...(fault === null ? {} : { behaviour: fault }),
    });
    const host = labHost({ lmcpUrl: backend.url });
    await using hub = openHub({ hosts: [host] });
    const offer = await hub.inventory.ofHost(host, ALL);
    assert.match(offer.kind === "unknown" ? offer.reason : "known", reason);
  });
}

Deno.test("ofHost() does not read a list of more than 1 MiB", async () => {
  await using backend = await startBackend(lists({ name: "a", x: "x".repeat(1024 * 1024) }));
  const host = labHost({ lmcpUrl: backend.url });
  await using hub = openHub({ hosts: [host] });
  assert.deepEqual(await hub.inventory.ofHost(host, ALL), {
    kind: "unknown",
    via: "lmcp",
    reason: "answer larger than 1048576 bytes",
    mayHaveRun: true,
  });
});

Deno.test("ofHost() takes room for lists from the budget of answers, and gives it back", async () => {
  await using small = await startBackend(lists({ name: "a", x: "x".repeat(30_000) }));
  await using large = await startBackend(lists({ name: "a", x: "x".repeat(60_000) }));
  const hosts = [labHost({ lmcpUrl: small.url }), labHost({ name: "large", lmcpUrl: large.url })];
  await using hub = openHub({ hosts, maxReadBytes: 50_000 });
  const seen: string[] = [];
  for (const host of [...hosts, ...hosts]) {
    const offer = await hub.inventory.ofHost(host, ALL);
    seen.push(offer.kind === "known" ? names(offer.tools) : offer.reason);
  }
  const noRoom = "too many large answers are being read at once, try again later";
  assert.deepEqual(seen, ["a", noRoom, "a", noRoom]);
});

Deno.test("ofHost() of a host without a backend uses no ssh", async () => {
  const ssh = createFakeSsh();
  const host = labHost();
  await using hub = openHub({ hosts: [host], ssh });
  assert.deepEqual(await hub.inventory.ofHost(host, ALL), {
    kind: "unknown",
    via: "lmcp",
    reason: "no url configured",
    mayHaveRun: false,
  });
  assert.equal(ssh.uses.length, 0);
});

/** Silent when it is asked for its tools, and not before. */
const muteList: Behaviour = ({ method }) => method === "tools/list" ? silent : null;

for (
  const [what, behaviour, mayHaveRun] of [
    ["was asked", muteList, true],
    ["does not shake hands", () => silent, false],
  ] as const
) {
  Deno.test(`ofHost() ends with its caller when the backend ${what}`, async () => {
    await using backend = await startBackend({ behaviour });
    const host = labHost({ lmcpUrl: backend.url });
    await using hub = openHub({ hosts: [host] });
    const caller = new AbortController();
    const offer = hub.inventory.ofHost(host, {
      ...ALL,
      asker: { ...asker, signal: caller.signal },
    });
    await until(() => Promise.resolve(backend.requests.length > (mayHaveRun ? 1 : 0)));
    caller.abort();
    assert.deepEqual(await offer, {
      kind: "unknown",
      via: "lmcp",
      reason: "cancelled",
      mayHaveRun,
    });
  });
}

Deno.test("ofHost() says of a host that it was waiting for a place of that nothing was sent", async () => {
  await using backend = await startBackend(lists({ name: "a" }));
  const host = labHost({ lmcpUrl: backend.url, timeouts: { connectMs: 5, lmcpMs: 15 } });
  await using hub = openHub({ hosts: [host] });
  const [way] = hub.linkTo(host).backends;
  const limiter = way?.limiter ?? assert.fail();
  for (let count = 0; count < limiter.places; count++) await limiter.acquire(HUB, asker.signal);
  assert.deepEqual(await hub.inventory.ofHost(host, ALL), {
    kind: "unknown",
    via: "lmcp",
    reason: "timeout",
    mayHaveRun: false,
  });
  assert.equal(backend.requests.length, 0);
});

Deno.test("ofHost() returns the tools that come just when nobody waits for them any more", async () => {
  await using backend = await startBackend(lists({ name: "a" }));
  const host = labHost({ lmcpUrl: backend.url });
  await using hub = openHub({ hosts: [host] });
  const caller = new AbortController();
  const offer = await hub.inventory.ofHost(host, {
    pick: (tools) => {
      caller.abort();
      return names(tools);
    },
    asker: { ...asker, signal: caller.signal },
  });
  assert.deepEqual(offer, { kind: "known", via: "lmcp", tools: "a", unusable: 0 });
});

Deno.test("ofHosts() of 100 hosts, 5 black holes and 5 silent, is back within connect timeout + 2 s", async () => {
  using hole = await openBlackHole();
  await using mute = await startBackend({ behaviour: () => silent });
  await using healthy = await startBackend(lists({ name: "a" }, { name: "b" }));
  const timeouts = { connectMs: 3_000, lmcpMs: 20_000 };
  const urls = [hole.url, mute.url];
  const hosts = Array.from({ length: 100 }, (_, index) => {
    const lmcpUrl = index % 10 === 3 ? urls[index % 20 === 3 ? 0 : 1] ?? null : healthy.url;
    return labHost({ name: `host${index}`, lmcpUrl, timeouts });
  });
  await using hub = openHub({ hosts });
  const asking = hub.inventory.ofHosts(hosts, NAMES);
  const offers = await within(asking, timeouts.connectMs + 2_000);
  assert.ok(typeof offers !== "string", "it took longer");
  assert.deepEqual([...offers.keys()], hosts);
  const counts = Map.groupBy(
    offers.values(),
    (offer) => offer.kind === "known" ? offer.tools : offer.reason,
  );
  assert.deepEqual(
    Object.fromEntries([...counts].map(([key, { length }]) => [key, length])),
    { "a,b": 90, "connect: timeout": 5, timeout: 5 },
  );
});

Deno.test("ofHosts() asks hosts with a backend alone, and none whose port timed out lately", async () => {
  using hole = await openBlackHole();
  await using healthy = await startBackend(lists({ name: "a" }));
  const timeouts = { connectMs: 3_000 };
  const dead = labHost({ name: "dead", lmcpUrl: hole.url, timeouts });
  const sshOnly = labHost({ name: "ssh only" });
  const up = labHost({ name: "up", lmcpUrl: healthy.url });
  const refusing = labHost({ name: "refusing", lmcpUrl: `http://127.0.0.1:${freePort()}/mcp` });
  const hosts: readonly Host[] = [dead, sshOnly, up, refusing];
  const clock = createFakeClock();
  await using hub = openHub({ hosts, clock });
  const ask = async () =>
    [...await hub.inventory.ofHosts(hosts, NAMES)].map(([{ name }, offer]) =>
      `${name}: ${offer.kind === "known" ? offer.tools : offer.reason}`
    );
  const rest = ["up: a", "refusing: connect: connection refused"];
  assert.deepEqual(await ask(), ["dead: connect: timeout", ...rest]);
  clock.advance(7_000);
  const startedAt = performance.now();
  assert.deepEqual(await ask(), [
    "dead: connect: timeout 7 s ago, not tried again yet",
    ...rest,
  ]);
  assert.ok(performance.now() - startedAt < timeouts.connectMs);
});
