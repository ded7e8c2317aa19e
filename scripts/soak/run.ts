import { fileURLToPath } from "node:url";
import { freePort } from "../../tests/free_port.ts";
import type { Workplace } from "../chaos/calls.ts";
import { writeLocalSsh } from "../chaos/local_ssh.ts";
import { createRandom } from "../chaos/random.ts";
import { judge } from "../chaos/verdict.ts";
import { findUnaudited } from "./audit.ts";
import { makeCalls, type SoakCall } from "./calls.ts";
import { startSoakFleet } from "./fleet.ts";
import { HOSTILES } from "./hostile.ts";
import { type SoakHub, startSoakHub } from "./hub_process.ts";
import { medianOfThirds, type Sample, sampleProcess } from "./samples.ts";

/** Calls of honest clients. */
const CALLS_PER_SECOND = 15;
const SAMPLE_MS = 5_000;
/** Until the hub has warmed up, samples mean nothing. */
const WARM_UP_MS = 30_000;
/** The operator's own call, beside all the trouble. */
const OPERATOR_MS = 1_000;
/** How much more the last third may use than the one before. */
const GROWTH = 1.25;
const MAX_RESIDENT_MIB = 400;

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** What a soak has shown. */
export interface SoakReport {
  readonly facts: Readonly<Record<string, number | string>>;
  /** What must not be; empty: the run was sound. */
  readonly faults: readonly string[];
  readonly thirds: ReturnType<typeof medianOfThirds>;
}

/** Runs a hub under load, in trouble and under attack, and kills it twice. */
export async function runSoak(minutes: number, seed: number): Promise<SoakReport> {
  const directory = await Deno.makeTempDir({ prefix: "soak-" });
  try {
    return await soakIn(directory, minutes * 60_000, seed);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

async function soakIn(directory: string, totalMs: number, seed: number): Promise<SoakReport> {
  const random = createRandom(seed);
  const place = await prepare(directory);
  const token = crypto.randomUUID();
  const hostileTokens = Object.fromEntries(
    Object.keys(HOSTILES).map((name) => [name, crypto.randomUUID()]),
  );
  await using fleet = await startSoakFleet(random, hostileTokens);
  await writePrivate(`${directory}/hosts.toml`, fleet.registry);
  await writePrivate(`${directory}/token`, token);
  await writeLocalSsh(`${directory}/bin`);
  const auditPath = `${directory}/audit.jsonl`;
  await using hub = await startSoakHub({
    root: ROOT,
    port: freePort(),
    directory,
    registry: `${directory}/hosts.toml`,
    auditPath,
    tokenFile: `${directory}/token`,
    sshDirectory: `${directory}/bin`,
  });
  const signal = AbortSignal.timeout(totalMs);
  const hostile = Object.entries(HOSTILES)
    .map(([name, act]) => act(hub, hostileTokens[name] ?? "", signal));
  const [calls, samples, operatorMs] = await Promise.all([
    makeCalls({
      hub,
      token,
      hosts: fleet.names,
      perSecond: CALLS_PER_SECOND,
      random,
      place,
      signal,
    }),
    takeSamples(hub, signal),
    callAsOperator(hub, token, signal),
    killTwice(hub, totalMs),
    ...hostile,
  ]);
  const answered = calls.flatMap(({ outcome, ...call }) =>
    outcome === null ? [] : [{ ...call, outcome }]
  );
  const broken = await judge(answered, fleet.executions, place);
  const ran = await findRan(calls, fleet.executions.count.bind(fleet.executions), place);
  const unaudited = await findUnaudited(ran, auditPath);
  return report({ calls, answered: answered.length, samples, operatorMs, broken, unaudited, hub });
}

async function prepare(directory: string): Promise<Workplace> {
  await Deno.mkdir(`${directory}/ctl`, { mode: 0o700 });
  await Deno.mkdir(`${directory}/bin`);
  await Deno.mkdir(`${directory}/place`);
  const place = { directory: `${directory}/place`, journal: `${directory}/journal` };
  await Deno.writeTextFile(place.journal, "");
  return place;
}

async function writePrivate(path: string, text: string): Promise<void> {
  await Deno.writeTextFile(path, text, { mode: 0o600 });
}

async function takeSamples(hub: SoakHub, signal: AbortSignal): Promise<Sample[]> {
  const samples: Sample[] = [];
  const startedAt = performance.now();
  while (!signal.aborted) {
    await new Promise((resolve) => setTimeout(resolve, SAMPLE_MS));
    if (performance.now() - startedAt < WARM_UP_MS) continue;
    const sample = await sampleProcess(hub.pid());
    if (sample !== null) samples.push(sample);
  }
  return samples;
}

/** How long a listing takes for the operator, in milliseconds; of calls while the hub is away: none. */
async function callAsOperator(
  hub: SoakHub,
  token: string,
  signal: AbortSignal,
): Promise<number[]> {
  const times: number[] = [];
  while (!signal.aborted) {
    await new Promise((resolve) => setTimeout(resolve, OPERATOR_MS));
    const startedAt = performance.now();
    const isServed = await ping(hub, token).catch(() => false);
    if (isServed) times.push(performance.now() - startedAt);
  }
  return times;
}

async function ping(hub: SoakHub, token: string): Promise<boolean> {
  const response = await fetch(hub.url, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, method: "ping" }),
  });
  await response.body?.cancel();
  return response.ok;
}

async function killTwice(hub: SoakHub, totalMs: number): Promise<void> {
  for (let time = 1; time <= 2; time++) {
    await new Promise((resolve) => setTimeout(resolve, totalMs / 3));
    await hub.killAndRestart();
  }
}

/** The calls that change something and left a trace, over whatever way. */
async function findRan(
  calls: readonly SoakCall[],
  countRuns: (nonce: SoakCall["nonce"]) => number,
  { directory, journal }: Workplace,
): Promise<SoakCall[]> {
  const lines = new Set((await Deno.readTextFile(journal)).split("\n"));
  const written = new Set((await Array.fromAsync(Deno.readDir(directory))).map(({ name }) => name));
  return calls.filter(({ tool, nonce }) =>
    tool.changes && (countRuns(nonce) > 0 || lines.has(nonce) || written.has(nonce))
  );
}

interface Findings {
  readonly calls: readonly SoakCall[];
  readonly answered: number;
  readonly samples: readonly Sample[];
  readonly operatorMs: readonly number[];
  readonly broken: Awaited<ReturnType<typeof judge>>;
  readonly unaudited: readonly SoakCall[];
  readonly hub: SoakHub;
}

function report(
  { calls, answered, samples, operatorMs, broken, unaudited, hub }: Findings,
): SoakReport {
  const thirds = medianOfThirds(samples);
  const worst = Math.max(...samples.map(({ residentMib }) => residentMib));
  const sorted = operatorMs.toSorted((a, b) => a - b);
  const [, middle, last] = thirds;
  const fault = hub.fault();
  const faults = [
    ...(fault === null ? [] : [fault]),
    ...Object.entries(broken).flatMap(([name, count]) => count === 0 ? [] : [`${name}: ${count}`]),
    ...(unaudited.length === 0 ? [] : [`ran without an audit line: ${unaudited.length}`]),
    ...(worst <= MAX_RESIDENT_MIB ? [] : [`resident memory of ${Math.round(worst)} MiB`]),
    ...(["residentMib", "descriptors", "children"] as const).flatMap((key) =>
      (last?.[key] ?? 0) <= GROWTH * (middle?.[key] ?? 0) + 10 ? [] : [`${key} grow`]
    ),
  ];
  return {
    facts: {
      calls: calls.length,
      answered,
      "operator's pings": sorted.length,
      "their p99 (ms)": Math.round(sorted[Math.floor(sorted.length * 0.99)] ?? NaN),
      "their longest (ms)": Math.round(sorted.at(-1) ?? NaN),
      "largest resident memory (MiB)": Math.round(worst),
    },
    faults,
    thirds,
  };
}
