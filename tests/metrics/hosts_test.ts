import assert from "node:assert/strict";
import { hostMetrics } from "../../lib/metrics/hosts.ts";
import { labHost } from "../lab/host.ts";

const UP = {
  up: true,
  via: "lmcp",
  error: null,
  detail: null,
  toolCount: 3,
  latencyMs: 250,
  checkedAt: 5_000,
  nextProbeAt: 6_000,
} as const;
const DOWN = { ...UP, up: false, via: null, error: "lmcp: timeout", latencyMs: null };

Deno.test("hostMetrics() returns the Prometheus text format, a host a line", async () => {
  const [a, b] = [labHost({ name: "a" }), labHost({ name: "b" })];
  const lines = (await hostMetrics([[a, UP], [b, DOWN]])).split("\n");
  assert.deepEqual(lines.filter((line) => !line.startsWith("#") && line !== ""), [
    'lmcp_hub_host_up{host="a"} 1',
    'lmcp_hub_host_up{host="b"} 0',
    'lmcp_hub_host_latency_seconds{host="a"} 0.25',
    'lmcp_hub_host_checked_timestamp_seconds{host="a"} 5',
    'lmcp_hub_host_checked_timestamp_seconds{host="b"} 5',
  ]);
  assert.equal(lines.filter((line) => line.startsWith("# TYPE")).length, 3);
});
