import { Counter, Gauge, Registry } from "prom-client";
import type { CallCounts } from "./counts.ts";
import { callMetrics } from "./calls.ts";

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
  readonly counts: CallCounts;
  readonly sshLoad: () => Load;
  readonly lmcpLoad: () => Load;
  /** Lines of the audit trail that could not be written. */
  readonly auditLost: () => number;
}

/** The hub's own metrics. */
export interface Metrics {
  /** Where they are registered; other metrics may join. */
  readonly registry: Registry;
  /** All of them in Prometheus' text format. */
  readonly text: () => Promise<string>;
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
  return {
    registry,
    text: () => Registry.merge([registry, callMetrics(options.counts)]).metrics(),
  };
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
