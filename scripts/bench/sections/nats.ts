import { type Bench, inTurns, type Section, timeMs } from "../bench.ts";
import { type NatsFleet, openNatsFleet } from "../nats_fleet.ts";
import { residentMb } from "../process_cost.ts";
import { measure, measureRatio } from "../statistics.ts";
import type { Cell, Table } from "../table.ts";
import { callOnce } from "../tool_request.ts";

const FLEETS = [100, 1_000, 5_000];
const QUICK_FLEETS = [8, 16];
const AT_ONCE = 64;
const LIMIT_MS = 3_000;
const LIMIT_MB = 400;
const NO_SERVER = "nats-server is not installed (Debian: nats-server)";

/** One command on all hosts of a fleet that NATS leads to, half of them through each of two hubs. */
export const nats: Section = { name: "nats", run: async (bench) => [await runNats(bench)] };

/** What came of one fleet. */
interface Sample {
  readonly hosts: number;
  /** The first run meets each agent for the first time. */
  readonly firstMs: number;
  readonly ms: readonly number[];
  /** Of the hub that has more, after all runs. */
  readonly hubMb: number;
  /** Of both hubs' answers. */
  readonly characters: number;
}

async function runNats(bench: Bench): Promise<Table> {
  const title = "One command on all hosts, over NATS, through two hubs";
  const samples: Sample[] = [];
  for (const hosts of bench.options.isQuick ? QUICK_FLEETS : FLEETS) {
    await using fleet = await openNatsFleet(hosts, bench);
    if (fleet === null) return { title, columns: [], rows: [], targets: [], notes: [NO_SERVER] };
    samples.push(await runFleet(fleet, { hosts, bench }));
  }
  return {
    title,
    columns: ["hosts", "first run ms", "ms", "µs a host", "characters", "hub MB"],
    rows: samples.map(({ hosts, firstMs, ms, characters, hubMb }): Cell[] => [
      hosts,
      firstMs,
      measure(ms),
      measure(ms.map((value) => 1_000 * value / hosts)),
      characters,
      hubMb,
    ]),
    targets: targetsOf(samples),
    notes: [`each agent has a connection of its own; ${AT_ONCE} calls at once for each hub`],
  };
}

function targetsOf(samples: readonly Sample[]): Table["targets"] {
  const [smallest, largest] = [samples[0], samples.at(-1)];
  if (smallest === undefined || largest === undefined) return [];
  const perHost = ({ ms, hosts }: Sample) => ms.map((value) => value / hosts);
  const fleet = `${largest.hosts} hosts`;
  return [
    {
      name: `first run ms, ${fleet}`,
      measured: measure([largest.firstMs]),
      sense: "at most",
      limit: LIMIT_MS,
    },
    {
      name: `hub MB, ${fleet}`,
      measured: measure([largest.hubMb]),
      sense: "at most",
      limit: LIMIT_MB,
    },
    {
      name: `ms a host, ${fleet} : ${smallest.hosts} hosts`,
      measured: measureRatio(perHost(largest), perHost(smallest)),
      sense: "at most",
      limit: 1,
    },
  ];
}

async function runFleet(
  { hubs }: NatsFleet,
  { hosts, bench }: { readonly hosts: number; readonly bench: Bench },
): Promise<Sample> {
  const share = Math.ceil(hosts / hubs.length);
  let characters = 0;
  const runOnAll = async () => {
    const answers = await Promise.all(hubs.map(({ port }, at) => {
      const targets = `host[${at * share}-${Math.min(hosts, (at + 1) * share) - 1}]`;
      const args = { targets, command: "true", parallel: AT_ONCE, wait: 0 };
      return callOnce({ port, tool: "remote_run", args });
    }));
    characters = answers.join("").length;
  };
  const firstMs = await timeMs(runOnAll);
  const samples = await inTurns(bench, ["again"], () => timeMs(runOnAll));
  const memory = await Promise.all(hubs.map(({ pid }) => residentMb(pid)));
  return {
    hosts,
    firstMs,
    ms: samples.get("again") ?? [],
    hubMb: Math.max(...memory),
    characters,
  };
}
