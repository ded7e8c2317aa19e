import { Registry } from "prom-client";
import type { CallRecord } from "../calls/record.ts";
import { addCallMetrics, type KnownNames } from "./calls.ts";
import { addHostMetrics, type HostStates } from "./hosts.ts";
import { addHubMetrics, type HubFacts } from "./hub.ts";
import { addProcessMetrics, type ProcessFacts } from "./process.ts";

/** All metrics of the hub. */
export interface MetricsPage {
  /** Counts a call that has ended. */
  readonly countCall: (call: CallRecord) => void;
  /** The metrics as text, and their content type. */
  readonly read: () => Promise<{ readonly text: string; readonly contentType: string }>;
  /** Ends the measuring. */
  readonly close: () => void;
}

/** Options of `openMetricsPage()`. */
export interface MetricsPageOptions extends HubFacts, KnownNames {
  readonly hostStates: () => HostStates;
  readonly process: ProcessFacts;
}

/** Puts the metrics of the hub, its calls, its hosts and its process together. */
export function openMetricsPage(options: MetricsPageOptions): MetricsPage {
  const registry = new Registry();
  addHubMetrics(registry, options);
  const countCall = addCallMetrics(registry, options);
  addHostMetrics(registry, options.hostStates);
  const close = addProcessMetrics(registry, options.process);
  return {
    countCall,
    read: async () => ({ text: await registry.metrics(), contentType: registry.contentType }),
    close,
  };
}
