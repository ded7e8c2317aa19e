import type { AuditTrail } from "../audit/trail.ts";
import { systemClock } from "../base/time/clock.ts";
import { Lazy } from "../base/time/lazy.ts";
import type { Redact } from "../base/text/redact.ts";
import { VERSION } from "../base/version.ts";
import type { CallRecord } from "../calls/record.ts";
import type { HubSettings } from "../config/settings.ts";
import { OWN_PRINCIPALS } from "../fleet/client.ts";
import type { Registry } from "../fleet/host.ts";
import { TOOL_NAMES } from "../fleet/rules.ts";
import type { Route } from "../http/handler.ts";
import { healthRoute } from "../http/pages/health.ts";
import { metricsRoute } from "../http/pages/metrics.ts";
import { isJsonObject } from "../mcp/message.ts";
import type { Tool } from "../mcp/tool.ts";
import type { ApprovalCounts } from "../metrics/hub.ts";
import type { MetricsPage } from "../metrics/page.ts";
import type { BeforeSend } from "../tools/definition.ts";
import type { Fleet } from "./fleet.ts";

/** Options of `startMonitoring()`. */
export interface MonitoringOptions {
  readonly settings: Pick<HubSettings, "metricsPublic" | "transport">;
  readonly registry: () => Registry;
  readonly fleet: Pick<Fleet, "states" | "load" | "spares">;
  readonly trail: AuditTrail;
  readonly approvals: ApprovalCounts;
  /** All tools of the hub. */
  readonly tools: readonly Tool[];
  /** Hides the secrets that are known now. */
  readonly redact: Redact;
  /** Aborted when the hub is asked to stop. */
  readonly stop: AbortSignal;
}

/** What shows operators the hub's calls and its state. */
export interface Monitoring {
  /** Writes to the audit trail that a call is about to be sent to a host, as its `begin()` does. */
  readonly beforeSend: BeforeSend;
  /** Counts a call that has ended, and writes it to the audit trail. */
  readonly onCall: (call: CallRecord) => void;
  readonly routes: readonly Route[];
  readonly close: () => Promise<void>;
}

/** Starts to count calls and to write them down. */
export function startMonitoring(options: MonitoringOptions): Monitoring {
  const { settings, trail, redact, stop } = options;
  // Over stdio nobody can read the metrics.
  const isCounting = settings.transport === "http";
  const declared = new Map(options.tools.map((tool) => [tool.name, argumentNames(tool)]));
  const contextOf = ({ tool }: CallRecord) => ({ redact, declared: declared.get(tool) ?? [] });
  const metrics = new Lazy(() => openMetrics(options));

  function recordCall(call: CallRecord): void {
    // A page that cannot be opened is an error of those who read it.
    if (isCounting) metrics.get().then(({ countCall }) => countCall(call), () => {});
    trail.end(call, contextOf(call));
  }

  return {
    beforeSend: (call, { readOnly }) => trail.begin(call, { ...contextOf(call), readOnly }),
    onCall: recordCall,
    routes: [
      healthRoute(() => stop.aborted),
      metricsRoute({
        read: async () => await (await metrics.get()).read(),
        isPublic: settings.metricsPublic,
        seesAllHosts: (principal) => OWN_PRINCIPALS.has(principal),
      }),
    ],
    close: async () => {
      (await metrics.opened())?.close();
      await trail.close();
    },
  };
}

/** In the order in which the tool declares them. */
function argumentNames({ inputSchema: { properties } }: Tool): readonly string[] {
  return isJsonObject(properties) ? Object.keys(properties) : [];
}

/** The library for metrics costs a start 13 ms and 5 MB, so it is loaded with the first call. */
async function openMetrics(
  { registry, fleet, trail, approvals }: MonitoringOptions,
): Promise<MetricsPage> {
  const { openMetricsPage } = await import("../metrics/page.ts");
  return openMetricsPage({
    isTool: (name) => TOOL_NAMES.some((known) => known === name),
    isHost: (name) => registry().hosts.has(name),
    version: VERSION,
    denoVersion: Deno.version.deno,
    sshLoad: fleet.load.ssh,
    sshSpares: fleet.spares,
    lmcpLoad: fleet.load.lmcp,
    natsLoad: fleet.load.nats,
    auditLost: trail.lost,
    auditLine: () => trail.head()?.seq ?? 0,
    approvals,
    hostStates: fleet.states,
    process: { memory: Deno.memoryUsage, startedAt: performance.timeOrigin, ...systemClock },
  });
}
