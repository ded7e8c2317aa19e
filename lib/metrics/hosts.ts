import { Gauge, Registry } from "prom-client";
import type { HostState } from "../fleet/health.ts";
import type { Host } from "../fleet/host.ts";

/** Hosts and their last known states. */
export type HostStates = Iterable<readonly [Host, HostState]>;

/** The hosts' metrics: name, help, and a host's value; null: it has none. */
const METRICS = [
  [
    "lmcp_hub_host_up",
    "Whether the host answered over lmcp, NATS or ssh when it was last probed",
    ({ up }: HostState) => up ? 1 : 0,
  ],
  [
    "lmcp_hub_host_latency_seconds",
    "How long the host took to answer a probe",
    ({ latencyMs }: HostState) => latencyMs === null ? null : latencyMs / 1000,
  ],
  [
    "lmcp_hub_host_checked_timestamp_seconds",
    "When the host was last probed, or answered a call",
    ({ checkedAt }: HostState) => checkedAt / 1000,
  ],
] as const;

/** Adds what is known of each host to a registry; `read` is called at each scrape. */
export function addHostMetrics(registry: Registry, read: () => HostStates): void {
  for (const [name, help, valueOf] of METRICS) {
    new Gauge({
      name,
      help,
      labelNames: ["host"],
      registers: [registry],
      collect() {
        this.reset();
        for (const [host, state] of read()) {
          const value = valueOf(state);
          if (value !== null) this.set({ host: host.name }, value);
        }
      },
    });
  }
}

/** The same in the Prometheus text format, for a node_exporter textfile. */
export async function hostMetrics(states: HostStates): Promise<string> {
  const registry = new Registry();
  addHostMetrics(registry, () => states);
  return await registry.metrics();
}
