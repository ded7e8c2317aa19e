import { parseArgs } from "node:util";
import { firstText } from "../tests/fleet/answers.ts";
import { createNonce } from "../tests/lab/executions.ts";
import { type LabHub, openHub } from "../tests/lab/hub.ts";
import { CHAOS_TOOLS, type Workplace } from "./chaos/calls.ts";
import { countDescendants, markDescendants } from "./chaos/descendants.ts";
import { startAgentFleet } from "./chaos/agent_fleet.ts";
import { type ChaosFleet, startChaosFleet } from "./chaos/fleet.ts";
import { runNatsChaos } from "./chaos/nats/run.ts";
import { createRandom, type Random } from "./chaos/random.ts";
import { type AnsweredCall, judge } from "./chaos/verdict.ts";
import { runSoak } from "./soak/run.ts";

// Makes many calls to a fleet that fails at random, and counts what ran; with --nats, through two hubs
// that share a nats-server, for as many minutes as --minutes says at most; with --minutes alone, runs a
// hub for so long under load, in trouble and under attack. Linux only, because it finds processes in
// /proc. Exit status: 0, or 1 if a promise was broken.

const OPTIONS = "[--calls N] [--seed N] [--in-flight N] [--agents claiming|plain] " +
  "[--nats] [--minutes N]";

const { values } = readOptions(() =>
  parseArgs({
    options: {
      calls: { type: "string", default: "10000" },
      seed: { type: "string", default: String(Date.now() % 2 ** 32) },
      "in-flight": { type: "string", default: "32" },
      agents: { type: "string" },
      nats: { type: "boolean", default: false },
      minutes: { type: "string" },
    },
  })
);
const CALLS = Number(values.calls);
const IN_FLIGHT = Number(values["in-flight"]);
/** A backend is stopped or restarted, or an agent killed, each time so many calls have started. */
const CALLS_PER_TOGGLE = values.agents === undefined ? 100 : 500;
/** The share of calls that change something which two callers make at once, with one key. */
const KEYED_CALLS = 0.25;
const WARM_UP_CALLS = Math.min(1_000, CALLS);

/** A real agent edits only what is there. */
const TOOLS = CHAOS_TOOLS.filter(({ name }) =>
  values.agents === undefined || name !== "remote_edit_file"
);

const MIB = 1024 * 1024;

/** Ends the program where an option is not known, or for `--help`. */
function readOptions<Values>(read: () => Values): Values {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    const isAsked = Deno.args.includes("--help");
    console.error(isAsked ? `deno task chaos ${OPTIONS}` : `chaos: ${error.message}\n${OPTIONS}`);
    Deno.exit(isAsked ? 0 : 2);
  }
}

interface Run {
  readonly hub: LabHub;
  readonly fleet: ChaosFleet;
  readonly random: Random;
  readonly place: Workplace;
  readonly answered: AnsweredCall[];
  /** Number of calls that were started. */
  started: number;
  /** Resident memory after the first calls, in bytes. */
  warmBytes: number;
}

/** Makes one call, or, with a key, the same one for two callers at once. */
async function callOnce({ hub, fleet, random, place, answered }: Run): Promise<void> {
  const tool = random.pick(TOOLS);
  const host = random.pick(fleet.hosts).name;
  const nonce = createNonce();
  const isKeyed = values.agents === "claiming" && tool.changes && random.next() < KEYED_CALLS;
  const args = { host, ...tool.args(nonce, place), ...(isKeyed ? { key: nonce } : {}) };
  await Promise.all(Array.from({ length: isKeyed ? 2 : 1 }, async () => {
    const result = await hub.call(tool.name, args);
    const outcome = String(result.structuredContent?.outcome);
    answered.push({ tool, nonce, outcome, ...(isKeyed ? { text: firstText(result) } : {}) });
  }));
}

async function work(run: Run): Promise<void> {
  while (run.started < CALLS) {
    run.started++;
    if (run.started === WARM_UP_CALLS) run.warmBytes = Deno.memoryUsage().rss;
    if (run.started % CALLS_PER_TOGGLE === 0) await run.fleet.toggleBackend();
    await callOnce(run);
  }
}

function countOutcomes(calls: readonly AnsweredCall[]): Record<string, number> {
  const groups = Map.groupBy(calls, ({ outcome }) => outcome);
  return Object.fromEntries([...groups].map(([outcome, { length }]) => [outcome, length]));
}

/** Of the calls that change something, the percentage whose outcome nobody knows. */
function shareUnknown(calls: readonly AnsweredCall[]): number {
  const changes = calls.filter(({ tool }) => tool.changes);
  return 100 * changes.filter(({ outcome }) => outcome === "unknown").length / changes.length;
}

/** Backends with every fault there is; or real agents, with or without claims. */
async function startFleet(random: Random, directory: string): Promise<ChaosFleet> {
  return values.agents === undefined
    ? await startChaosFleet(random, directory)
    : await startAgentFleet({ random, directory, claims: values.agents === "claiming" });
}

async function makeCalls(random: Random, directory: string) {
  const place = { directory, journal: `${directory}/journal` };
  await Deno.writeTextFile(place.journal, "");
  await using fleet = await startFleet(random, directory);
  await using hub = openHub({ hosts: fleet.hosts, ssh: fleet.ssh });
  const run: Run = { hub, fleet, random, place, answered: [], started: 0, warmBytes: 0 };
  await Promise.all(Array.from({ length: IN_FLIGHT }, () => work(run)));
  const { rss } = Deno.memoryUsage();
  return {
    answered: run.answered,
    spares: fleet.ssh.spares().taken,
    faults: await judge(run.answered, fleet.executions, place),
    memory: { "at the first calls (MiB)": run.warmBytes / MIB, "at the last (MiB)": rss / MIB },
  };
}

/** Runs in a directory of its own, and counts the processes that it leaves. */
async function withDirectory(
  run: (directory: string, countLeft: () => Promise<number>) => Promise<number>,
): Promise<number> {
  const mark = markDescendants();
  const directory = await Deno.makeTempDir({ prefix: "chaos-" });
  // Over ssh, claims are kept below it.
  Deno.env.set("XDG_STATE_HOME", `${directory}/state-of-ssh`);
  console.log(`seed ${values.seed}`);
  try {
    return await run(directory, () => countDescendants(mark));
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

function isSound(faults: Readonly<Record<string, number>>): boolean {
  return Object.values(faults).every((count) => count === 0);
}

async function throughNats(): Promise<number> {
  return await withDirectory(async (directory, countLeft) => {
    const startedAt = performance.now();
    const { answered, calls, collectedElsewhere, troubles, ...report } = await runNatsChaos({
      calls: CALLS,
      inFlight: IN_FLIGHT,
      maxMs: values.minutes === undefined ? Infinity : Number(values.minutes) * 60_000,
      random: createRandom(Number(values.seed)),
      directory,
    });
    const faults = { ...report.faults, processesLeft: await countLeft() };
    const seconds = (performance.now() - startedAt) / 1000;
    console.table({ calls, answered: answered.length, collectedElsewhere, seconds });
    console.table(countOutcomes(answered));
    console.table(troubles);
    console.table(faults);
    console.table({ "changes of unknown outcome (%)": shareUnknown(answered) });
    for (const line of report.unclear.slice(0, 20)) console.error(line);
    return isSound(faults) ? 0 : 1;
  });
}

async function main(): Promise<number> {
  return await withDirectory(async (directory, countLeft) => {
    const startedAt = performance.now();
    const { answered, spares, faults, memory } = await makeCalls(
      createRandom(Number(values.seed)),
      directory,
    );
    const processesLeft = await countLeft();
    const seconds = (performance.now() - startedAt) / 1000;
    console.table({
      calls: CALLS,
      answered: answered.length,
      "in spare ssh sessions": spares,
      seconds,
      ...countOutcomes(answered),
    });
    console.table({ ...faults, processesLeft });
    console.table({ "changes of unknown outcome (%)": shareUnknown(answered) });
    console.table(memory);
    return isSound({ ...faults, processesLeft }) && answered.length >= CALLS ? 0 : 1;
  });
}

async function soak(minutes: number): Promise<number> {
  console.log(`seed ${values.seed}, ${minutes} minutes`);
  const { facts, faults, thirds } = await runSoak(minutes, Number(values.seed));
  console.table(facts);
  console.table(thirds);
  for (const fault of faults) console.error(`fault: ${fault}`);
  return faults.length === 0 ? 0 : 1;
}

if (values.nats) Deno.exit(await throughNats());
Deno.exit(values.minutes === undefined ? await main() : await soak(Number(values.minutes)));
