import type { HubSettings } from "../config.ts";
import { OWN_PRINCIPALS } from "../fleet/client.ts";
import type { Registry } from "../fleet/host.ts";
import { TOOL_NAMES } from "../fleet/tool_rules.ts";
import { systemClock } from "../clock.ts";
import type { Route } from "../mcp/http.ts";
import { createMetrics } from "../ops/metrics.ts";
import { addProcessMetrics } from "../ops/process_metrics.ts";
import type { Redact } from "../ops/redact.ts";
import { VERSION } from "../version.ts";
import type { AuditTrail } from "./audit_trail.ts";
import type { Fleet } from "./fleet.ts";
import { addHostMetrics } from "./host_metrics.ts";
import { createJournal, type Journal } from "./journal.ts";
import { createRoutes } from "./routes.ts";

/** What `startMonitoring()` needs. */
export interface MonitoringOptions {
  readonly settings: Pick<HubSettings, "metricsPublic">;
  readonly registry: () => Registry;
  readonly fleet: Pick<Fleet, "states" | "load">;
  readonly trail: AuditTrail;
  /** Hides the secrets that are known now. */
  readonly redact: Redact;
  /** Aborted when the hub is asked to stop. */
  readonly stop: AbortSignal;
}

/** What tells operators of the hub's calls and of its state. */
export interface Monitoring {
  readonly journal: Journal;
  readonly routes: readonly Route[];
  readonly close: () => Promise<void>;
}

/** Starts to count and to write down calls. */
export function startMonitoring(options: MonitoringOptions): Monitoring {
  const { settings, registry, fleet, trail, redact, stop } = options;
  const metrics = createMetrics({
    version: VERSION,
    denoVersion: Deno.version.deno,
    isTool: (name) => TOOL_NAMES.some((known) => known === name),
    isHost: (name) => registry().hosts.has(name),
    sshLoad: fleet.load.ssh,
    lmcpLoad: fleet.load.lmcp,
    auditLost: trail.lost,
  });
  addHostMetrics(metrics.registry, fleet.states);
  const stopMeasuring = addProcessMetrics(metrics.registry, {
    memory: Deno.memoryUsage,
    startedAt: performance.timeOrigin,
    ...systemClock,
  });
  return {
    journal: createJournal([metrics.observe, (call) => trail.tell(call, redact)]),
    routes: createRoutes({
      isStopping: () => stop.aborted,
      metrics: {
        contentType: metrics.registry.contentType,
        text: () => metrics.registry.metrics(),
      },
      metricsPublic: settings.metricsPublic,
      seesAllHosts: (principal) => OWN_PRINCIPALS.has(principal),
    }),
    close: async () => {
      stopMeasuring();
      await trail.close();
    },
  };
}
