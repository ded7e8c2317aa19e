import assert from "node:assert/strict";
import type { HostState } from "../../../lib/fleet/health.ts";
import type { Host } from "../../../lib/fleet/host.ts";
import { renderWait } from "../../../lib/tools/hosts/render_wait.ts";
import { type BootFacts, watchHosts, type WatchOptions } from "../../../lib/tools/hosts/watch.ts";
import { createFakeClock } from "../../base/time/fake_clock.ts";
import { labHost } from "../../lab/host.ts";

/** A fleet whose hosts are as a story says, one word for each probe of a host; the last one stays. */
type Story = Readonly<Record<string, readonly (BootFacts | "down")[]>>;

const A = "aaaaaaaa-0000-4000-8000-000000000000";
const B = "bbbbbbbb-0000-4000-8000-000000000000";
const before: BootFacts = { id: A, bootedAt: -1e9 };
const after: BootFacts = { id: B, bootedAt: 5_000 };
const mute: BootFacts = { id: null, bootedAt: null };

function watch(story: Story, options: Partial<WatchOptions>) {
  const clock = createFakeClock();
  const hosts = Object.keys(story).map((name) => ({ ...labHost(), name }));
  const probes = new Map<string, number>();
  const now = ({ name }: Host) => {
    const states = story[name] ?? [];
    return states[Math.min(probes.get(name) ?? 0, states.length) - 1] ?? "down";
  };
  const { signal } = new AbortController();
  const watching = watchHosts(hosts, {
    goal: "up",
    timeoutMs: 60_000,
    since: null,
    probe: (some) =>
      Promise.resolve(
        new Map(some.map((host): [Host, HostState] => {
          probes.set(host.name, (probes.get(host.name) ?? 0) + 1);
          return [host, stateOf(now(host) !== "down")];
        })),
      ),
    bootOf: (host) => {
      const facts = now(host);
      return facts === "down" ? assert.fail("it is down") : Promise.resolve(facts);
    },
    clock,
    signal,
    onProgress() {},
    ...options,
  });
  return { watching, clock, probes };
}

function stateOf(up: boolean): HostState {
  const error = up ? null : "lmcp: timeout";
  const rest = { toolCount: null, latencyMs: null, checkedAt: 0, nextProbeAt: 0 };
  return { up, via: up ? "lmcp" : null, error, detail: error, ...rest };
}

/** Lets time pass until the wait is over. */
async function end({ watching, clock }: ReturnType<typeof watch>) {
  let isOver = false;
  watching.then(() => isOver = true);
  for (let seconds = 0; !isOver && seconds < 200; seconds++) {
    for (let turn = 0; turn < 20; turn++) await Promise.resolve();
    clock.advance(1_000);
  }
  return (await watching).map(({ host, isReached }) => `${host.name} ${isReached}`).join(", ");
}

for (
  const [what, story, options, expected] of [
    ["up at once", { a: [before] }, {}, "a true"],
    [
      "up after a while, each at its time",
      { a: ["down", before], b: ["down", "down", "down", before] },
      {},
      "a true, b true",
    ],
    ["never up", { a: ["down"], b: [before] }, {}, "a false, b true"],
    ["down in the end", { a: [before, before, "down"] }, { goal: "down" }, "a true"],
    [
      "rebooted: another boot id",
      { a: [before, "down", "down", after] },
      { goal: "reboot" },
      "a true",
    ],
    [
      "away and back without a reboot",
      { a: [before, "down", before] },
      { goal: "reboot" },
      "a false",
    ],
    ["rebooted before it was asked, for a boot id", { a: [after] }, {
      goal: "reboot",
      since: { bootId: A },
    }, "a true"],
    [
      "not rebooted since a boot id",
      { a: [after] },
      { goal: "reboot", since: { bootId: B } },
      "a false",
    ],
    ["rebooted since a time", { a: [after] }, { goal: "reboot", since: { time: 4_000 } }, "a true"],
    [
      "not rebooted since a time",
      { a: [after] },
      { goal: "reboot", since: { time: 6_000 } },
      "a false",
    ],
    ["down at first, and started since then", { a: ["down", "down", { id: B, bootedAt: 1e15 }] }, {
      goal: "reboot",
    }, "a true"],
    [
      "down at first, and up since long before",
      { a: ["down", "down", before] },
      { goal: "reboot" },
      "a false",
    ],
    [
      "a host that does not say when it started",
      { a: [mute, "down", mute] },
      { goal: "reboot" },
      "a false",
    ],
  ] satisfies readonly (readonly [string, Story, Partial<WatchOptions>, string])[]
) {
  Deno.test(`watchHosts() of ${what}`, async () => {
    assert.equal(await end(watch(story, options)), expected);
  });
}

Deno.test("watchHosts() probes a host no more that has reached the goal", async () => {
  const watched = watch({ a: [before], b: ["down", "down", before] }, {});
  await end(watched);
  assert.deepEqual([...watched.probes], [["a", 1], ["b", 3]]);
});

Deno.test("watchHosts() ends when nobody waits any more", async () => {
  const aborting = new AbortController();
  const { watching } = watch({ a: ["down"] }, { signal: aborting.signal });
  aborting.abort();
  assert.equal((await watching).length, 1);
});

Deno.test("watchHosts() waits no longer for a host that does not say when it started", async () => {
  const ended: string[] = [];
  const watched = watch({ slow: [before], quick: [before, after] }, {
    goal: "reboot",
    since: { bootId: A },
    bootOf: (host, signal) => {
      if (host.name === "quick") return Promise.resolve(after);
      signal.addEventListener("abort", () => ended.push(host.name));
      return new Promise(() => {});
    },
  });
  const startedAt = watched.clock.now();
  assert.equal(await end(watched), "slow false, quick true");
  assert.ok(watched.clock.now() - startedAt < 66_000);
  assert.ok(ended.length > 1);
});

Deno.test("renderWait() says first whether all are there, and puts alike hosts together", async () => {
  const watched = watch(
    { web1: [before], web2: [before], db1: [before, "down", after], x: [mute, mute] },
    { goal: "reboot" },
  );
  await end(watched);
  assert.equal(
    renderWait(await watched.watching, { goal: "reboot", seconds: 60 }),
    "timed out after 60 s: 1 of 4 hosts rebooted\n" +
      "web[1-2]: up over lmcp, not rebooted\n" +
      "db1: rebooted, up over lmcp\n" +
      "x: up over lmcp, and does not say when it started",
  );
  const up = watch({ a: [before] }, {});
  await end(up);
  assert.equal(
    renderWait(await up.watching, { goal: "up", seconds: 0 }),
    "1 host is up, after 0 s\na: up over lmcp",
  );
});
