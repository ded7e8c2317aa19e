import { type Bench, inTurns, type Section } from "../bench.ts";
import { type LoadSample, runLoad } from "../load.ts";
import { manyHosts } from "../registry.ts";
import { startBackend, startBareProxy, startHub } from "../servers.ts";
import { measure, measureRatio } from "../statistics.ts";
import type { Cell, Table } from "../table.ts";
import { callRequest, type ToolCall } from "../tool_request.ts";

const FLEETS = [1, 100, 1_000];
const BACKEND_PORTS = 10;
const KIB = 1024;
const SIZES: readonly (readonly [name: string, bytes: number])[] = [
  ["1 KiB", KIB],
  ["64 KiB", 64 * KIB],
  ["1 MiB", 1024 * KIB],
  ["16 MiB", 16 * 1024 * KIB],
];
/** Enough small answers for a median, and few enough large ones to finish soon. */
const CALLS_A_SAMPLE = 200;
const CLIENTS = 8;

/** How the cost of a call grows with the fleet and with the answer. */
export const growth: Section = {
  name: "growth",
  run: async (bench) => [await runFleets(bench), await runSizes(bench)],
};

async function runFleets(bench: Bench): Promise<Table> {
  await using backend = await startBackend(bench, BACKEND_PORTS);
  await using stack = new AsyncDisposableStack();
  const rows: { readonly size: number; readonly requests: readonly Uint8Array[]; port: number }[] =
    [];
  for (const size of FLEETS) {
    const hosts = manyHosts("host", size, backend.ports);
    const { port } = stack.use(await startHub({ hosts }, bench));
    const requests = hosts.map(({ name }) => {
      const args = { host: name, command: "true" };
      return callRequest({ port, tool: "remote_shell", args });
    });
    // The first call to a host negotiates the protocol with its backend.
    await runLoad({ port, requests, connections: CLIENTS, calls: 2 * size, signal: bench.signal });
    rows.push({ size, requests, port });
  }
  const samples = await inTurns(bench, rows, ({ requests, port }) => {
    const { seconds } = bench.options;
    return runLoad({ port, requests, connections: CLIENTS, seconds, signal: bench.signal });
  });
  return {
    title: `Cost against the number of hosts, ${CLIENTS} clients`,
    columns: ["hosts", "p50 ms", "p99 ms", "calls/s"],
    rows: [...samples].map(([{ size }, taken]): Cell[] => [
      size,
      measure(taken.map(({ p50Ms }) => p50Ms)),
      measure(taken.map(({ p99Ms }) => p99Ms)),
      measure(taken.map(({ callsPerSecond }) => callsPerSecond)),
    ]),
    targets: [],
    notes: [`calls go to all hosts in turns; they share ${BACKEND_PORTS} ports of one backend`],
  };
}

async function runSizes(bench: Bench): Promise<Table> {
  await using backend = await startBackend(bench);
  await using bare = await startBareProxy(backend, bench);
  await using hub = await startHub({ hosts: [{ name: "host0", port: backend.port }] }, bench);
  const rows: Cell[][] = [];
  for (const [name, bytes] of SIZES) {
    const plain = { tool: "read_file", args: { path: String(bytes) } };
    const ways: ToolCall[] = [
      { ...plain, port: backend.port },
      { ...plain, port: bare.port },
      {
        port: hub.port,
        tool: "remote_read_file",
        args: { ...plain.args, host: "host0" },
        isForProgram: true,
      },
    ];
    const samples = await inTurns(bench, ways, (call) => readSome(call, bench));
    const [direct = [], overBare = [], overHub = []] = [...samples.values()]
      .map((taken) => taken.map(({ p50Ms }) => p50Ms));
    const measures = [direct, overBare, overHub].map((times) => measure(times));
    rows.push([name, ...measures, measureRatio(overHub, overBare)]);
  }
  return {
    title: "Cost against the size of the answer, 1 client",
    columns: ["answer", "direct, p50 ms", "bare, p50 ms", "hub, p50 ms", "hub : bare"],
    rows,
    targets: [],
    notes: [],
  };
}

function readSome(call: ToolCall, { options, signal }: Bench): Promise<LoadSample> {
  return runLoad({
    port: call.port,
    requests: [callRequest(call)],
    connections: 1,
    calls: CALLS_A_SAMPLE,
    seconds: options.seconds,
    signal,
  });
}
