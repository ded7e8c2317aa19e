import { AggregatorRegistry, type Registry } from "prom-client";
import type { CallCounts, Labelled } from "./counts.ts";
import type { Distribution } from "./distribution.ts";

/** A value as prom-client has it in `getMetricsAsJSON()`. */
interface Sample {
  readonly metricName?: string;
  readonly labels: Readonly<Record<string, string | number>>;
  readonly value: number;
}

/** What was counted of calls, as metrics of this moment. */
export function callMetrics(counts: CallCounts): Registry {
  // What the library has for the metrics of other processes takes values that are counted already.
  return AggregatorRegistry.aggregate([[
    {
      name: "lmcp_hub_calls_total",
      help: "Tool calls that have ended, once for each host they went to",
      type: "counter",
      aggregator: "sum",
      values: counts.calls(),
    },
    histogram(
      "lmcp_hub_call_duration_seconds",
      "How long tool calls took",
      counts.durations(),
    ),
    histogram(
      "lmcp_hub_call_phase_seconds",
      "How long calls waited for a place, took to reach their host, and ran there",
      counts.phases(),
    ),
  ]]);
}

function histogram(name: string, help: string, measured: readonly Labelled<Distribution>[]) {
  const values = measured.flatMap(({ labels, value }): Sample[] => {
    const cumulated = value.cumulate();
    return [
      ...cumulated.map(({ bound, count }) => ({
        metricName: `${name}_bucket`,
        labels: { le: bound === Infinity ? "+Inf" : bound, ...labels },
        value: count,
      })),
      { metricName: `${name}_sum`, labels, value: value.sum },
      { metricName: `${name}_count`, labels, value: cumulated.at(-1)?.count ?? 0 },
    ];
  });
  return { name, help, type: "histogram", aggregator: "sum", values };
}
