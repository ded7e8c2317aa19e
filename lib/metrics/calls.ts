import { Counter, Histogram, type Registry } from "prom-client";
import { type CallRecord, type Delivery, hostOf } from "../calls/record.ts";

/** The names that become labels: those that callers make up would each be kept for ever. */
export interface KnownNames {
  readonly isTool: (name: string) => boolean;
  readonly isHost: (name: string) => boolean;
}

/** Upper bounds in seconds; a call may take milliseconds, or as long as its own timeout. */
const BUCKETS = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 120, 600];
const PHASES = ["queue", "connect", "run"] as const;

/** Adds the metrics of calls to a registry; returns the function that counts a call that has ended. */
export function addCallMetrics(
  registry: Registry,
  { isTool, isHost }: KnownNames,
): (call: CallRecord) => void {
  const registers = [registry];
  const calls = new Counter({
    name: "lmcp_hub_calls_total",
    help: "Tool calls that have ended, once for each host they went to",
    labelNames: ["tool", "host", "via", "outcome"],
    registers,
  });
  const durations = new Histogram({
    name: "lmcp_hub_call_duration_seconds",
    help: "How long tool calls took",
    labelNames: ["tool", "via"],
    buckets: BUCKETS,
    registers,
  });
  const phaseTimes = new Histogram({
    name: "lmcp_hub_call_phase_seconds",
    help: "How long calls waited for a place, took to reach their host, and ran there",
    labelNames: ["phase"],
    buckets: BUCKETS,
    registers,
  });

  const limited = new Counter({
    name: "lmcp_hub_calls_limited_total",
    help: "Tool calls that were refused since their client has a limit, by that limit",
    labelNames: ["limit"],
    registers,
  });

  function countDelivery(tool: string, outcome: string, { host, via, phases }: Delivery): void {
    calls.inc({ tool, host: isHost(host) ? host : "", via: via ?? "", outcome });
    for (const phase of PHASES) {
      const ms = phases[phase];
      if (ms !== null) phaseTimes.observe({ phase }, ms / 1000);
    }
  }

  return function countCall(call) {
    const { deliveries, outcome, overLimit } = call;
    if (overLimit !== undefined) limited.inc({ limit: overLimit });
    const tool = isTool(call.tool) ? call.tool : "";
    durations.observe({ tool, via: viaOf(deliveries) }, call.durationMs / 1000);
    for (const delivery of deliveries) {
      countDelivery(tool, outcome === "bug" ? outcome : delivery.outcome, delivery);
    }
    if (deliveries.length > 0) return;
    const host = hostOf(call);
    calls.inc({ tool, host: host !== null && isHost(host) ? host : "", via: "", outcome });
  };
}

/** The transport of all deliveries; empty: they differ, or there is none. */
function viaOf(deliveries: readonly Delivery[]): string {
  const via = deliveries[0]?.via ?? "";
  return deliveries.every((delivery) => (delivery.via ?? "") === via) ? via : "";
}
