import type { CallRecord } from "../calls/record.ts";
import type { HubSettings } from "../config/settings.ts";
import { OWN_PRINCIPALS } from "../fleet/client.ts";
import type { Registry } from "../fleet/host.ts";
import { TOOL_NAMES } from "../fleet/rules.ts";
import { systemClock } from "../base/clock.ts";
import type { Route } from "../http/handler.ts";
import { type CallCounts, createCallCounts } from "../metrics/counts.ts";
import type { Redact } from "../base/redact.ts";
import { VERSION } from "../base/version.ts";
import type { AuditTrail } from "../audit/trail.ts";
import type { Fleet } from "./fleet.ts";
import type { MetricsPage } from "../metrics/page.ts";
import { createRoutes } from "../http/pages/routes.ts";

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

/** What shows operators the hub's calls and its state. */
export interface Monitoring {
  /** Counts a call that has ended, and writes it to the audit trail. */
  readonly onCall: (call: CallRecord) => void;
  readonly routes: readonly Route[];
  readonly close: () => Promise<void>;
}

/** Starts to count and to write down calls. */
export function startMonitoring(options: MonitoringOptions): Monitoring {
  const { settings, registry, trail, redact, stop } = options;
  const counts = createCallCounts({
    isTool: (name) => TOOL_NAMES.some((known) => known === name),
    isHost: (name) => registry().hosts.has(name),
  });
  let opened: Promise<MetricsPage> | null = null;
  const page = () => opened ??= openPage(options, counts);
  return {
    onCall: (call) => {
      counts.add(call);
      trail.write(call, redact);
    },
    routes: createRoutes({
      isStopping: () => stop.aborted,
      metrics: async () => await (await page()).read(),
      metricsPublic: settings.metricsPublic,
      seesAllHosts: (principal) => OWN_PRINCIPALS.has(principal),
    }),
    close: async () => {
      (await opened)?.close();
      await trail.close();
    },
  };
}

/** The library for metrics is loaded when they are needed first: it slows the start, and is large. */
async function openPage(
  { fleet, trail }: MonitoringOptions,
  counts: CallCounts,
): Promise<MetricsPage> {
  const { openMetricsPage } = await import("../metrics/page.ts");
  return openMetricsPage({
    version: VERSION,
    denoVersion: Deno.version.deno,
    counts,
    sshLoad: fleet.load.ssh,
    lmcpLoad: fleet.load.lmcp,
    auditLost: trail.lost,
    hostStates: fleet.states,
    process: { memory: Deno.memoryUsage, startedAt: performance.timeOrigin, ...systemClock },
  });
}
