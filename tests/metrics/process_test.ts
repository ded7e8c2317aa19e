import assert from "node:assert/strict";
import { Registry } from "prom-client";
import { addProcessMetrics } from "../../lib/metrics/process.ts";

Deno.test("addProcessMetrics() exports memory, start time, and how late timers are", async () => {
  const registry = new Registry();
  const lines = async (name: string) =>
    (await registry.metrics()).split("\n").filter((line) => line.startsWith(name));
  let now = 0;
  let tick = () => {};
  let ended = false;
  const end = addProcessMetrics(registry, {
    memory: () => ({ rss: 100, heapUsed: 10 }),
    startedAt: 5_000,
    now: () => now,
    every: (_ms, callback) => {
      tick = callback;
      return () => ended = true;
    },
  });
  for (const at of [500, 1_250, 1_750]) {
    now = at;
    tick();
  }
  assert.deepEqual(await lines("process_"), [
    "process_resident_memory_bytes 100",
    "process_heap_bytes 10",
    "process_start_time_seconds 5",
  ]);
  assert.deepEqual(await lines("lmcp_hub_event_loop_lag_seconds_sum"), [
    "lmcp_hub_event_loop_lag_seconds_sum 0.25",
  ]);
  end();
  assert.ok(ended);
});
