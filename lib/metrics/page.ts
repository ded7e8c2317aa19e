import { createMetrics, type MetricsOptions } from "./registry.ts";
import { addProcessMetrics, type ProcessFacts } from "./process.ts";
import { addHostMetrics, type HostStates } from "./hosts.ts";

/** All that is told of the hub as metrics. */
export interface MetricsPage {
  /** The metrics as text, and their content type. */
  readonly read: () => Promise<{ readonly text: string; readonly contentType: string }>;
  /** Ends the measuring. */
  readonly close: () => void;
}

/** What `openMetricsPage()` needs. */
export interface MetricsPageOptions extends MetricsOptions {
  readonly hostStates: () => HostStates;
  readonly process: ProcessFacts;
}

/** Puts the metrics of calls, hosts and the process together. */
export function openMetricsPage(options: MetricsPageOptions): MetricsPage {
  const { registry, text } = createMetrics(options);
  addHostMetrics(registry, options.hostStates);
  const close = addProcessMetrics(registry, options.process);
  return {
    read: async () => ({ text: await text(), contentType: registry.contentType }),
    close,
  };
}
