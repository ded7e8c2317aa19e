import assert from "node:assert/strict";
import { Registry } from "prom-client";
import { addCallMetrics } from "../../lib/metrics/calls.ts";
import { callRecord, delivery } from "../calls/record.ts";

/** Metrics of a hub that knows one tool and one host. */
function setUp() {
  const registry = new Registry();
  const countCall = addCallMetrics(registry, {
    isTool: (name) => name === "remote_shell",
    isHost: (name) => name === "tesla",
  });
  const lines = async (name: string) =>
    (await registry.metrics()).split("\n").filter((line) => line.startsWith(name));
  return { countCall, lines };
}

Deno.test("addCallMetrics() counts calls by tool, host, transport and outcome", async () => {
  const { countCall, lines } = setUp();
  countCall(callRecord());
  countCall(callRecord());
  countCall(callRecord({ deliveries: [delivery({ via: "ssh", outcome: "unknown" })] }));
  assert.deepEqual(await lines("lmcp_hub_calls_total"), [
    'lmcp_hub_calls_total{tool="remote_shell",host="tesla",via="lmcp",outcome="ok"} 2',
    'lmcp_hub_calls_total{tool="remote_shell",host="tesla",via="ssh",outcome="unknown"} 1',
  ]);
});

Deno.test("addCallMetrics() counts a call to several hosts once for each, and its time once", async () => {
  const { countCall, lines } = setUp();
  const deliveries = [
    delivery(),
    delivery({ via: "ssh", outcome: "failed" }),
    delivery({ host: "gone", via: null, outcome: "not_delivered" }),
  ];
  countCall(callRecord({ outcome: "failed", deliveries }));
  countCall(callRecord({ deliveries: [delivery(), delivery()] }));
  const start = 'lmcp_hub_calls_total{tool="remote_shell"';
  assert.deepEqual(await lines("lmcp_hub_calls_total"), [
    `${start},host="tesla",via="lmcp",outcome="ok"} 3`,
    `${start},host="tesla",via="ssh",outcome="failed"} 1`,
    `${start},host="",via="",outcome="not_delivered"} 1`,
  ]);
  assert.deepEqual(await lines("lmcp_hub_call_duration_seconds_count"), [
    'lmcp_hub_call_duration_seconds_count{tool="remote_shell",via=""} 1',
    'lmcp_hub_call_duration_seconds_count{tool="remote_shell",via="lmcp"} 1',
  ]);
  assert.deepEqual(await lines("lmcp_hub_call_phase_seconds_count"), [
    'lmcp_hub_call_phase_seconds_count{phase="queue"} 5',
    'lmcp_hub_call_phase_seconds_count{phase="connect"} 5',
    'lmcp_hub_call_phase_seconds_count{phase="run"} 5',
  ]);
});

Deno.test("addCallMetrics() counts a bug as such, whatever its deliveries came to", async () => {
  const { countCall, lines } = setUp();
  countCall(callRecord({ outcome: "bug" }));
  assert.deepEqual(await lines("lmcp_hub_calls_total"), [
    'lmcp_hub_calls_total{tool="remote_shell",host="tesla",via="lmcp",outcome="bug"} 1',
  ]);
});

Deno.test("addCallMetrics() makes no labels of names that callers make up", async () => {
  const { countCall, lines } = setUp();
  for (let number = 0; number < 100; number++) {
    const args = { host: `h${number}` };
    countCall(callRecord({ tool: `t${number}`, args, deliveries: [], outcome: "refused" }));
  }
  countCall(callRecord({ tool: "", args: {}, deliveries: [], outcome: "refused" }));
  assert.deepEqual(await lines("lmcp_hub_calls_total"), [
    'lmcp_hub_calls_total{tool="",host="",via="",outcome="refused"} 101',
  ]);
});

Deno.test("addCallMetrics() exports the same until another call has ended", async () => {
  const { countCall, lines } = setUp();
  countCall(callRecord());
  const first = await lines("lmcp_hub_call");
  assert.deepEqual(await lines("lmcp_hub_call"), first);
  countCall(callRecord());
  assert.notDeepEqual(await lines("lmcp_hub_call"), first);
});

Deno.test("addCallMetrics() counts each duration in all buckets that hold it", async () => {
  const { countCall, lines } = setUp();
  for (const durationMs of [1, 1.5, 400, 700_000]) countCall(callRecord({ durationMs }));
  const start = "lmcp_hub_call_duration_seconds_bucket";
  const counts = (await lines(start)).map((line) => /le="(.+?)".* (\d+)$/.exec(line)?.slice(1));
  assert.deepEqual(counts, [
    ...["0.001"].map((bound) => [bound, "1"]),
    ...["0.005", "0.01", "0.025", "0.05", "0.1", "0.25"].map((bound) => [bound, "2"]),
    ...["0.5", "1", "2.5", "5", "10", "30", "120", "600"].map((bound) => [bound, "3"]),
    ["+Inf", "4"],
  ]);
  assert.deepEqual(await lines("lmcp_hub_call_duration_seconds_sum"), [
    'lmcp_hub_call_duration_seconds_sum{tool="remote_shell",via="lmcp"} 700.4025',
  ]);
});

Deno.test("addCallMetrics() measures calls and those of their phases that they reached", async () => {
  const { countCall, lines } = setUp();
  const phases = { queue: 1_000, connect: null, run: null };
  countCall(callRecord({ deliveries: [delivery({ phases })] }));
  assert.deepEqual(await lines("lmcp_hub_call_duration_seconds_count"), [
    'lmcp_hub_call_duration_seconds_count{tool="remote_shell",via="lmcp"} 1',
  ]);
  assert.deepEqual(await lines("lmcp_hub_call_phase_seconds_sum"), [
    'lmcp_hub_call_phase_seconds_sum{phase="queue"} 1',
  ]);
});

Deno.test("addCallMetrics() counts calls that were over a limit, by that limit", async () => {
  const { countCall, lines } = setUp();
  const refused = callRecord({ deliveries: [], outcome: "refused" });
  countCall({ ...refused, overLimit: "rate" });
  countCall({ ...refused, overLimit: "rate" });
  countCall({ ...refused, overLimit: "concurrent" });
  countCall(refused);
  assert.deepEqual(await lines("lmcp_hub_calls_limited_total"), [
    'lmcp_hub_calls_limited_total{limit="rate"} 2',
    'lmcp_hub_calls_limited_total{limit="concurrent"} 1',
  ]);
});
