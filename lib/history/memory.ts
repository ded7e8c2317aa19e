import { getOrAdd } from "../base/get_or_add.ts";
import type { Clock } from "../base/time/clock.ts";
import { OWN_PRINCIPALS } from "../fleet/client.ts";
import { type HostState, reasonOf } from "../fleet/health.ts";
import { CallCounts } from "./counts.ts";
import { Latencies } from "./latencies.ts";
import { cut, type KnownNames, toPastCall } from "./past_call.ts";
import { PastCalls } from "./shelves.ts";
import type { HistoryReader } from "./reader.ts";
import { StatusSpans } from "./spans.ts";
import type { HistoryWriter } from "./writer.ts";

/** Options of `createMemory()`. */
export interface MemoryOptions extends KnownNames {
  readonly clock: Pick<Clock, "now" | "wall">;
}

/** What the hub remembers of its fleet while it runs: both ends of it. */
export interface Memory {
  readonly reader: HistoryReader;
  readonly writer: HistoryWriter;
}

interface HostMemory {
  readonly spans: StatusSpans;
  /** Null: none was measured. */
  latencies: Latencies | null;
}

/** Makes a `Memory`. It is bounded: an hour of 1,000 hosts takes less than 10 MB. */
export function createMemory(options: MemoryOptions): Memory {
  const { clock, hostName } = options;
  const hosts = new Map<string, HostMemory>();
  const calls = new PastCalls();
  const counts = new CallCounts();
  const startedAt = clock.wall() - clock.now();
  /** A wall clock that is set would have calls counted in one minute, or gone. */
  const steadyNow = () => startedAt + clock.now();
  const isHost = (name: string) => hostName(name) !== undefined;
  const memoryOf = (host: string) =>
    getOrAdd(hosts, host, () => ({ spans: new StatusSpans(), latencies: null }));

  function recordState(host: string, state: HostState, latencyMs: number | null): void {
    const memory = memoryOf(host);
    const reason = reasonOf(state);
    memory.spans.record(state.via ?? "down", reason && cut(reason, options), state.checkedAt);
    if (latencyMs === null) return;
    memory.latencies ??= new Latencies();
    memory.latencies.record(latencyMs, state.checkedAt);
  }

  return {
    writer: {
      recordState,
      recordChange: (host) => hosts.get(host)?.spans.record("unknown", null, clock.wall()),
      recordCall: (record) => {
        const call = toPastCall(record, clock.wall(), options);
        const { principal, outcome } = call;
        calls.add(call, isHost);
        const client = OWN_PRINCIPALS.has(principal) ? null : principal;
        counts.add(client, outcome === "unknown", steadyNow());
      },
      keepHosts: (kept) => {
        for (const host of hosts.keys()) if (!kept.has(host)) hosts.delete(host);
        calls.keepHosts(kept.has.bind(kept));
      },
      forgetPrincipals: (principals) => {
        calls.forgetPrincipals(principals);
        principals.forEach((principal) => counts.forget(principal));
      },
    },
    reader: {
      sinceOf: (host) => hosts.get(host)?.spans.since ?? null,
      spansOf: (host) => hosts.get(host)?.spans.read(clock.wall()) ?? [],
      latenciesOf: (host) => hosts.get(host)?.latencies?.read(clock.wall()) ?? { at: [], ms: [] },
      mediansOf: (host) => hosts.get(host)?.latencies?.medians(clock.wall()) ?? null,
      calls: () => calls.read(),
      countsOf: (principal) => counts.read(principal, steadyNow()),
    },
  };
}
