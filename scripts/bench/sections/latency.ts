import { type Bench, inTurns, type Section } from "../bench.ts";
import { type LoadSample, runLoad } from "../load.ts";
import { cpuMs } from "../process_cost.ts";
import { findProgram } from "../programs.ts";
import { measure, measureRatio } from "../statistics.ts";
import type { Cell, Table, Target } from "../table.ts";
import { callOnce, callRequest } from "../tool_request.ts";
import { openWays, type Way } from "../ways.ts";
import { runWrk } from "../peers/wrk.ts";

const CLIENTS = [1, 8, 32];

/** The same call over several ways, with several numbers of clients. */
export const latency: Section = { name: "latency", run: runLatency };

/** A load, and the processor time per call of the process under load. */
interface Sample extends LoadSample {
  readonly cpuMicros: number;
}

interface Row {
  readonly way: Way;
  readonly clients: number;
}

type Samples = ReadonlyMap<Row, readonly Sample[]>;

async function runLatency(bench: Bench): Promise<Table[]> {
  await using stack = new AsyncDisposableStack();
  const { ways, notes } = await openWays(bench, stack);
  for (const { calls } of ways) for (const call of calls) await callOnce(call);
  const wrk = bench.options.isQuick ? null : await findProgram("wrk");
  const rows = CLIENTS.flatMap((clients) => ways.map((way): Row => ({ way, clients })));
  const load = (seconds: number) => ({ way, clients }: Row) =>
    wrk === null
      ? runLoad({
        port: way.port,
        requests: way.calls.map(callRequest),
        connections: clients,
        seconds,
        signal: bench.signal,
      })
      : runWrk({ wrk, port: way.port, calls: way.calls, connections: clients, seconds }, bench);
  const warmUp = load(bench.options.seconds / 2);
  for (const way of ways) await warmUp({ way, clients: 8 });
  const sample = load(bench.options.seconds);
  const samples = await inTurns(bench, rows, (row) => withCpu(row.way, () => sample(row)));
  const client = wrk === null ? "a client in Deno" : "wrk";
  return [toTable(samples, [`load by ${client}`, ...notes])];
}

async function withCpu({ pid }: Way, work: () => Promise<LoadSample>): Promise<Sample> {
  if (pid === null) return { ...await work(), cpuMicros: NaN };
  const before = await cpuMs(pid);
  const sample = await work();
  return { ...sample, cpuMicros: (await cpuMs(pid) - before) * 1000 / sample.calls };
}

function toTable(samples: Samples, notes: readonly string[]): Table {
  return {
    title: "Latency and throughput",
    columns: [
      "clients",
      "way",
      "p50 ms",
      "p95 ms",
      "p99 ms",
      "calls/s",
      "calls/s : bare",
      "cpu µs/call",
    ],
    rows: [...samples].map(([{ way, clients }, taken]): Cell[] => [
      clients,
      way.name,
      measure(taken.map(({ p50Ms }) => p50Ms)),
      measure(taken.map(({ p95Ms }) => p95Ms)),
      measure(taken.map(({ p99Ms }) => p99Ms)),
      measure(rates(taken)),
      measureRatio(rates(taken), rates(samplesOf(samples, "bare", clients))),
      way.pid === null ? "" : measure(taken.map(({ cpuMicros }) => cpuMicros)),
    ]),
    targets: targets(samples),
    notes,
  };
}

function targets(samples: Samples): Target[] {
  const added = (way: string) => {
    const direct = samplesOf(samples, "direct", 1);
    return samplesOf(samples, way, 1).map((taken, round) =>
      taken.p50Ms - (direct[round]?.p50Ms ?? NaN)
    );
  };
  return [{
    name: "median latency added at 1 client, hub : bare",
    measured: measureRatio(added("hub"), added("bare")),
    sense: "at most",
    limit: 1.2,
  }, {
    name: "calls/s at 32 clients, hub : bare",
    measured: measureRatio(
      rates(samplesOf(samples, "hub", 32)),
      rates(samplesOf(samples, "bare", 32)),
    ),
    sense: "at least",
    limit: 0.8,
  }];
}

function samplesOf(samples: Samples, name: string, clients: number): readonly Sample[] {
  const found = [...samples].find(([row]) => row.way.name === name && row.clients === clients);
  return found?.[1] ?? [];
}

function rates(samples: readonly LoadSample[]): number[] {
  return samples.map(({ callsPerSecond }) => callsPerSecond);
}
