import { HttpConnection } from "./http_connection.ts";
import { percentile } from "./statistics.ts";

/** Clients that each send one request after the other over a kept-alive connection. */
export interface Load {
  readonly port: number;
  /** Whole HTTP requests, sent in turns. */
  readonly requests: readonly Uint8Array[];
  readonly connections: number;
  /** Ends after this time, or after this many calls; default: no limit. */
  readonly seconds?: number;
  readonly calls?: number;
  readonly signal: AbortSignal;
}

/** What the clients measured. */
export interface LoadSample {
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly p99Ms: number;
  readonly callsPerSecond: number;
  readonly calls: number;
}

/** Puts load on a server. Throws if an answer is not 200. */
export async function runLoad(load: Load): Promise<LoadSample> {
  const startedAt = performance.now();
  const endAt = startedAt + (load.seconds ?? Infinity) * 1000;
  const maxCalls = load.calls ?? Infinity;
  const latencies: number[] = [];
  let started = 0;

  async function client(): Promise<void> {
    using connection = new HttpConnection(load.port);
    while (started < maxCalls && !load.signal.aborted) {
      const request = load.requests[started++ % load.requests.length];
      if (request === undefined) throw new Error("Cannot put load on a server without a request");
      const sentAt = performance.now();
      const { status, body } = await connection.send(request);
      const now = performance.now();
      if (status !== 200) throw new Error(`Load: ${status} ${new TextDecoder().decode(body)}`);
      latencies.push(now - sentAt);
      if (now >= endAt) return;
    }
  }

  await Promise.all(Array.from({ length: load.connections }, client));
  load.signal.throwIfAborted();
  const seconds = (performance.now() - startedAt) / 1000;
  const sorted = Float64Array.from(latencies).sort();
  return {
    p50Ms: percentile(sorted, 50),
    p95Ms: percentile(sorted, 95),
    p99Ms: percentile(sorted, 99),
    callsPerSecond: latencies.length / seconds,
    calls: latencies.length,
  };
}
