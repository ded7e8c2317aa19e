import { Gauge, Histogram, type Registry } from "prom-client";

/** Between two measurements of how late a timer is. */
const TICK_MS = 500;

/** Properties of the process that `addProcessMetrics()` shows. */
export interface ProcessFacts {
  readonly memory: () => { readonly rss: number; readonly heapUsed: number };
  /** Wall clock, milliseconds since 1970. */
  readonly startedAt: number;
  /** Monotonic, in milliseconds. */
  readonly now: () => number;
  /** Calls back every `ms`; returns the function that ends that. */
  readonly every: (ms: number, callback: () => void) => () => void;
}

/** Adds memory, start time and event-loop lag. Returns the function that ends the measuring. */
export function addProcessMetrics(registry: Registry, facts: ProcessFacts): () => void {
  const gauges = [
    ["process_resident_memory_bytes", "Resident memory", () => facts.memory().rss],
    ["process_heap_bytes", "JavaScript heap in use", () => facts.memory().heapUsed],
    ["process_start_time_seconds", "When the process started", () => facts.startedAt / 1000],
  ] as const;
  for (const [name, help, read] of gauges) {
    new Gauge({
      name,
      help,
      registers: [registry],
      collect() {
        this.set(read());
      },
    });
  }
  const lag = new Histogram({
    name: "lmcp_hub_event_loop_lag_seconds",
    help: "How late timers are, and all else with them, since the first call",
    buckets: [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5],
    registers: [registry],
  });
  let dueAt = facts.now() + TICK_MS;
  return facts.every(TICK_MS, () => {
    const at = facts.now();
    lag.observe(Math.max(0, at - dueAt) / 1000);
    dueAt = at + TICK_MS;
  });
}
