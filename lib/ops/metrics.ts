import { Counter, Gauge, Histogram, Registry } from "prom-client";
import type { Observation } from "./tally.ts";

/** Seconds; a call may take milliseconds, or as long as its own timeout. */
const CALL_BUCKETS = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 120, 600];

const PHASES = ["queue", "connect", "run"] as const;

/** How much is going on at a moment. */
interface Load {
  readonly running: number;
  readonly waiting: number;
}

/** What the metrics are made from; each function is asked when somebody looks. */
export interface MetricsOptions {
  /** Of the program and of Deno. */
  readonly version: string;
  readonly denoVersion: string;
  /** The calls that have ended since it was last asked. */
  readonly takeObservations: () => readonly Observation[];
  readonly sshLoad: () => Load;
  readonly lmcpLoad: () => Load;
  /** Lines of the audit trail that could not be written. */
  readonly auditLost: () => number;
}

/** The hub's own metrics. */
export interface Metrics {
  /** Where they are registered; other metrics may join. */
  readonly registry: Registry;
  /** Counts the calls that have ended; done by itself when the metrics are read. */
  readonly count: () => void;
}

/** Makes the metrics of calls and of what carries them. */
export function createMetrics(options: MetricsOptions): Metrics {
  const registry = new Registry();
  const registers = [registry];
  const build = new Gauge({
    name: "lmcp_hub_build_info",
    help: "Versions of the hub and of the Deno it runs on",
    labelNames: ["version", "deno"],
    registers,
  });
  build.set({ version: options.version, deno: options.denoVersion }, 1);
  addLoad(registry, "ssh", { help: "calls over ssh", read: options.sshLoad });
  addLoad(registry, "lmcp", { help: "calls over lmcp", read: options.lmcpLoad });
  new Counter({
    name: "lmcp_hub_audit_lost_total",
    help: "Lines of the audit trail that could not be written",
    registers,
    collect() {
      this.reset();
      this.inc(options.auditLost());
    },
  });
  return { registry, count: addCalls(registry, options.takeObservations) };
}

function addCalls(registry: Registry, take: MetricsOptions["takeObservations"]): () => void {
  const shared = { registers: [registry], collect: count };
  const calls = new Counter({
    name: "lmcp_hub_calls_total",
    help: "Tool calls that have ended",
    labelNames: ["tool", "host", "via", "outcome"],
    ...shared,
  });
  const durations = new Histogram({
    name: "lmcp_hub_call_duration_seconds",
    help: "How long tool calls took",
    labelNames: ["tool", "via"],
    buckets: CALL_BUCKETS,
    ...shared,
  });
  const phases = new Histogram({
    name: "lmcp_hub_call_phase_seconds",
    help: "How long calls waited for a place, took to reach their host, and ran there",
    labelNames: ["phase"],
    buckets: CALL_BUCKETS,
    ...shared,
  });

  function count(): void {
    for (const { labels, durationMs, phases: times } of take()) {
      calls.inc(labels);
      durations.observe({ tool: labels.tool, via: labels.via }, durationMs / 1000);
      for (const phase of PHASES) {
        const ms = times[phase];
        if (ms !== null) phases.observe({ phase }, ms / 1000);
      }
    }
  }

  return count;
}

function addLoad(
  registry: Registry,
  transport: string,
  { help, read }: { readonly help: string; readonly read: () => Load },
): void {
  for (const state of ["running", "waiting"] as const) {
    new Gauge({
      name: `lmcp_hub_${transport}_${state}`,
      help: `Number of ${help}, ${state}`,
      registers: [registry],
      collect() {
        this.set(read()[state]);
      },
    });
  }
}
