import type { HostState } from "../fleet/health.ts";
import type { Host } from "../fleet/host.ts";

/**
 * Lines of the Prometheus text format for a node_exporter textfile, in `--probe`'s order.
 * https://prometheus.io/docs/instrumenting/exposition_formats/
 */
export function hostMetrics(states: readonly (readonly [Host, HostState])[]): string[] {
  const label = (host: Host, via?: string | null) =>
    `{host="${host.name}"${via ? `,via="${via}"` : ""}}`;
  return [
    "# HELP lmcp_hub_host_up Whether the host answers over lmcp or ssh.",
    "# TYPE lmcp_hub_host_up gauge",
    ...states.map(([host, { up, via }]) => `lmcp_hub_host_up${label(host, via)} ${up ? 1 : 0}`),
    "# HELP lmcp_hub_host_latency_seconds How long the host took to answer.",
    "# TYPE lmcp_hub_host_latency_seconds gauge",
    ...states.flatMap(([host, { latencyMs }]) =>
      latencyMs === null ? [] : [`lmcp_hub_host_latency_seconds${label(host)} ${latencyMs / 1000}`]
    ),
    "# HELP lmcp_hub_host_checked_timestamp_seconds When the host was looked at.",
    "# TYPE lmcp_hub_host_checked_timestamp_seconds gauge",
    ...states.map(([host, { checkedAt }]) =>
      `lmcp_hub_host_checked_timestamp_seconds${label(host)} ${checkedAt / 1000}`
    ),
  ];
}
