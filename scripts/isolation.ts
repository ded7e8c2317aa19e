import type { Host } from "../lib/fleet/host.ts";
import { type LabBackend, startBackend } from "../tests/lab/backend.ts";
import { openBlackHole } from "../tests/lab/black_hole.ts";
import { silent } from "../tests/lab/connection_faults.ts";
import { labHost } from "../tests/lab/host.ts";
import { type LabHub, openHub } from "../tests/lab/hub.ts";

// Measures how long calls to healthy hosts take while calls to dead hosts are under way, and
// without. Prints both, round by round, and the medians.

const DEAD_OF_EACH_KIND = 20;
const HEALTHY = 5;
const CALLS = 200;
const ROUNDS = 5;
/** So long that no call to a dead host ends before the measurement does. */
const PATIENCE = { connectMs: 600_000, lmcpMs: 600_000 };

interface Figures {
  readonly p50: number;
  readonly p99: number;
}

function hostsAt(url: string, count: number, name: string): Host[] {
  return Array.from(
    { length: count },
    (_, index) => labHost({ name: `${name}${index}`, lmcpUrl: url, timeouts: PATIENCE }),
  );
}

async function measure(hub: LabHub, hosts: readonly Host[]): Promise<Figures> {
  const times: number[] = [];
  while (times.length < CALLS) {
    for (const host of hosts) {
      const startedAt = performance.now();
      await hub.call("remote_shell", { host: host.name, command: "true" });
      times.push(performance.now() - startedAt);
    }
  }
  times.sort((a, b) => a - b);
  return { p50: quantile(times, 0.5), p99: quantile(times, 0.99) };
}

async function measureBeside(
  hub: LabHub,
  { healthy, dead }: { readonly healthy: readonly Host[]; readonly dead: readonly Host[] },
): Promise<Figures> {
  const leaving = new AbortController();
  const { signal } = leaving;
  const stuck = dead.map(({ name }) => hub.call("remote_list_dir", { host: name }, { signal }));
  const figures = await measure(hub, healthy);
  leaving.abort();
  await Promise.all(stuck);
  return figures;
}

function quantile(sorted: readonly number[], part: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? NaN;
}

function medianOf(rounds: readonly Figures[], key: keyof Figures): number {
  return quantile(rounds.map((round) => round[key]).sort((a, b) => a - b), 0.5);
}

function startHealthy(): Promise<LabBackend[]> {
  return Promise.all(Array.from({ length: HEALTHY }, () => startBackend()));
}

using hole = await openBlackHole();
await using mute = await startBackend({ behaviour: () => silent });
const backends = await startHealthy();
const healthy = backends.flatMap(({ url }, index) => hostsAt(url, 1, `healthy${index}-`));
const dead = [
  ...hostsAt(hole.url, DEAD_OF_EACH_KIND, "hole"),
  ...hostsAt(mute.url, DEAD_OF_EACH_KIND, "silent"),
];
{
  await using hub = openHub({ hosts: [...healthy, ...dead] });
  await measure(hub, healthy);
  const quiet: Figures[] = [];
  const beside: Figures[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    quiet.push(await measure(hub, healthy));
    beside.push(await measureBeside(hub, { healthy, dead }));
  }
  const rows = quiet.map((figures, round) => ({
    "quiet p50 (ms)": figures.p50,
    "quiet p99 (ms)": figures.p99,
    [`p50 beside ${dead.length} dead (ms)`]: beside[round]?.p50,
    [`p99 beside ${dead.length} dead (ms)`]: beside[round]?.p99,
  }));
  console.table(rows);
  const ratio = medianOf(beside, "p99") / medianOf(quiet, "p99");
  console.log(
    `median p99: quiet ${medianOf(quiet, "p99").toFixed(2)} ms, ` +
      `beside ${dead.length} dead hosts ${medianOf(beside, "p99").toFixed(2)} ms, ` +
      `ratio ${ratio.toFixed(2)}`,
  );
}
await Promise.all(backends.map((backend) => backend.stop()));
