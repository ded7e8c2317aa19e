import { openBlackHole } from "../../../tests/lab/black_hole.ts";
import { type Bench, inTurns, pause, type Section } from "../bench.ts";
import { HttpConnection } from "../http_connection.ts";
import { type LoadSample, runLoad } from "../load.ts";
import { type BenchHost, manyHosts } from "../registry.ts";
import { startBackend, startHub } from "../servers.ts";
import { measure, measureRatio } from "../statistics.ts";
import type { Table } from "../table.ts";
import { callRequest } from "../tool_request.ts";

const FLEET = 100;
const SLOW_CALLS = 50;
const SLOW_MS = 2_000;
/** Between two calls to a silent host, and between two forced listings. */
const PAUSE_MS = 1_000;
/** How long the trouble needs to begin, and to end. */
const SETTLE_MS = 1_000;
const CLIENTS = 4;
const LIMIT = 1.5;

/** Calls to a healthy host while others are slow or silent. */
export const isolation: Section = { name: "isolation", run: runIsolation };

async function runIsolation(bench: Bench): Promise<Table[]> {
  await using backend = await startBackend(bench, 10);
  using hole = await openBlackHole();
  const silent = manyHosts("silent", FLEET / 2, [Number(new URL(hole.url).port)]);
  const healthy = manyHosts("host", FLEET / 2, backend.ports);
  await using hub = await startHub({ hosts: [...healthy, ...silent] }, bench);
  const measureHealthy = (seconds: number) =>
    runLoad({
      port: hub.port,
      requests: [shellRequest(hub.port, "host0", "true")],
      connections: CLIENTS,
      seconds,
      signal: bench.signal,
    });
  // Warms up the code.
  await measureHealthy(2 * bench.options.seconds);
  const samples = await inTurns(bench, ["quiet", "troubled"], async (state) => {
    if (state === "quiet") return await measureHealthy(bench.options.seconds);
    await using _trouble = startTrouble(hub.port, healthy, silent, bench.signal);
    await pause(SETTLE_MS, bench.signal);
    return await measureHealthy(bench.options.seconds);
  });
  return [toTable(samples)];
}

function toTable(samples: ReadonlyMap<string, readonly LoadSample[]>): Table {
  const p99 = (state: string) => (samples.get(state) ?? []).map(({ p99Ms }) => p99Ms);
  return {
    title: `Calls to a healthy host, ${CLIENTS} clients`,
    columns: ["hub", "p50 ms", "p95 ms", "p99 ms", "calls/s"],
    rows: [...samples].map(([state, taken]) => [
      state,
      measure(taken.map(({ p50Ms }) => p50Ms)),
      measure(taken.map(({ p95Ms }) => p95Ms)),
      measure(taken.map(({ p99Ms }) => p99Ms)),
      measure(taken.map(({ callsPerSecond }) => callsPerSecond)),
    ]),
    targets: [{
      name: "p99, troubled : quiet",
      measured: measureRatio(p99("troubled"), p99("quiet")),
      sense: "at most",
      limit: LIMIT,
    }],
    notes: [
      `troubled: ${SLOW_CALLS} slow calls run, ${FLEET / 2} of ${FLEET} hosts are silent and ` +
      "called all the time, and forced listings run",
    ],
  };
}

/** Keeps slow calls, calls to silent hosts and listings going until it is disposed of. */
function startTrouble(
  port: number,
  healthy: readonly BenchHost[],
  silent: readonly BenchHost[],
  signal: AbortSignal,
): AsyncDisposable {
  const over = new AbortController();
  const until = AbortSignal.any([signal, over.signal]);
  // Not to the first one: that is the host whose calls are measured.
  const slow = healthy.slice(1).concat(healthy.slice(1)).slice(0, SLOW_CALLS);
  const list = callRequest({ port, tool: "remote_list_hosts", args: { force: true } });
  const running = Promise.all([
    ...slow.map(({ name }) => repeat(port, shellRequest(port, name, `wait ${SLOW_MS}`), 0, until)),
    ...silent.map(({ name }) => repeat(port, shellRequest(port, name, "true"), PAUSE_MS, until)),
    repeat(port, list, PAUSE_MS, until),
  ]);
  // A failure is reported where the promise is awaited, below.
  running.catch(() => {});
  return {
    async [Symbol.asyncDispose]() {
      over.abort();
      await running;
      if (!signal.aborted) await pause(SETTLE_MS, signal);
    },
  };
}

/** Sends a request again and again; its results are not measured. */
async function repeat(
  port: number,
  request: Uint8Array,
  pauseMs: number,
  until: AbortSignal,
): Promise<void> {
  using connection = new HttpConnection(port);
  until.addEventListener("abort", () => connection[Symbol.dispose]());
  try {
    for (;;) {
      await connection.send(request);
      await pause(pauseMs, until);
    }
  } catch (error) {
    if (!until.aborted) throw error;
  }
}

function shellRequest(port: number, host: string, command: string): Uint8Array {
  return callRequest({ port, tool: "remote_shell", args: { host, command } });
}
