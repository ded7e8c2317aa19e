import assert from "node:assert/strict";
import { createCallCounts } from "../../lib/metrics/counts.ts";
import { createMetrics } from "../../lib/metrics/registry.ts";
import { addProcessMetrics } from "../../lib/metrics/process.ts";
import { callRecord, delivery } from "../calls/record.ts";

/** Metrics of a hub that knows one tool and one host. */
function setUp() {
  const state = {
    ssh: { running: 0, waiting: 0 },
    lmcp: { running: 0, waiting: 0 },
    lost: 0,
    full: 0,
  };
  const counts = createCallCounts({
    isTool: (name) => name === "remote_shell",
    isHost: (name) => name === "tesla",
  });
  const { registry, text } = createMetrics({
    version: "1.2.3",
    denoVersion: "2.9.6",
    counts,
    sshLoad: () => state.ssh,
    lmcpLoad: () => state.lmcp,
    auditLost: () => state.lost,
  });
  const lines = async (name: string) =>
    (await text()).split("\n").filter((line) => line.startsWith(name));
  return { state, registry, observe: counts.add, lines };
}

Deno.test("createMetrics() counts calls by tool, host, transport and outcome", async () => {
  const { observe, lines } = setUp();
  observe(callRecord());
  observe(callRecord());
  observe(callRecord({ deliveries: [delivery({ via: "ssh", outcome: "unknown" })] }));
  assert.deepEqual(await lines("lmcp_hub_calls_total"), [
    'lmcp_hub_calls_total{tool="remote_shell",host="tesla",via="lmcp",outcome="ok"} 2',
    'lmcp_hub_calls_total{tool="remote_shell",host="tesla",via="ssh",outcome="unknown"} 1',
  ]);
});

Deno.test("createMetrics() counts a call to several hosts once for each, and its time once", async () => {
  const { observe, lines } = setUp();
  const deliveries = [
    delivery(),
    delivery({ via: "ssh", outcome: "failed" }),
    delivery({ host: "gone", via: null, outcome: "not_delivered" }),
  ];
  observe(callRecord({ outcome: "failed", deliveries }));
  observe(callRecord({ deliveries: [delivery(), delivery()] }));
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

Deno.test("createMetrics() counts a bug as such, whatever its deliveries came to", async () => {
  const { observe, lines } = setUp();
  observe(callRecord({ outcome: "bug" }));
  assert.deepEqual(await lines("lmcp_hub_calls_total"), [
    'lmcp_hub_calls_total{tool="remote_shell",host="tesla",via="lmcp",outcome="bug"} 1',
  ]);
});

Deno.test("createMetrics() makes no labels of names that callers make up", async () => {
  const { observe, lines } = setUp();
  for (let number = 0; number < 100; number++) {
    const args = { host: `h${number}` };
    observe(callRecord({ tool: `t${number}`, args, deliveries: [], outcome: "refused" }));
  }
  observe(callRecord({ tool: "", args: {}, deliveries: [], outcome: "refused" }));
  assert.deepEqual(await lines("lmcp_hub_calls_total"), [
    'lmcp_hub_calls_total{tool="",host="",via="",outcome="refused"} 101',
  ]);
});

Deno.test("createMetrics() tells the same until another call has ended", async () => {
  const { observe, lines } = setUp();
  observe(callRecord());
  const first = await lines("lmcp_hub_call");
  assert.deepEqual(await lines("lmcp_hub_call"), first);
  observe(callRecord());
  assert.notDeepEqual(await lines("lmcp_hub_call"), first);
});

Deno.test("createMetrics() tells how durations spread, each in all buckets that hold it", async () => {
  const { observe, lines } = setUp();
  for (const durationMs of [1, 1.5, 400, 700_000]) observe(callRecord({ durationMs }));
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

Deno.test("createMetrics() measures calls and those of their phases that they reached", async () => {
  const { observe, lines } = setUp();
  const phases = { queue: 1_000, connect: null, run: null };
  observe(callRecord({ deliveries: [delivery({ phases })] }));
  assert.deepEqual(await lines("lmcp_hub_call_duration_seconds_count"), [
    'lmcp_hub_call_duration_seconds_count{tool="remote_shell",via="lmcp"} 1',
  ]);
  assert.deepEqual(await lines("lmcp_hub_call_phase_seconds_sum"), [
    'lmcp_hub_call_phase_seconds_sum{phase="queue"} 1',
  ]);
});

Deno.test("createMetrics() reads what is going on when it is asked", async () => {
  const { state, lines } = setUp();
  state.ssh = { running: 8, waiting: 3 };
  state.lmcp = { running: 16, waiting: 5 };
  state.lost = 7;
  const values = [...await lines("lmcp_hub_ssh_"), ...await lines("lmcp_hub_lmcp_")];
  assert.deepEqual(values, [
    "lmcp_hub_ssh_running 8",
    "lmcp_hub_ssh_waiting 3",
    "lmcp_hub_lmcp_running 16",
    "lmcp_hub_lmcp_waiting 5",
  ]);
  assert.deepEqual(await lines("lmcp_hub_audit_lost_total"), ["lmcp_hub_audit_lost_total 7"]);
  await lines("");
  assert.deepEqual(await lines("lmcp_hub_audit_lost_total"), ["lmcp_hub_audit_lost_total 7"]);
});

Deno.test("createMetrics() tells the versions", async () => {
  assert.deepEqual(await setUp().lines("lmcp_hub_build_info"), [
    'lmcp_hub_build_info{version="1.2.3",deno="2.9.6"} 1',
  ]);
});

Deno.test("addProcessMetrics() tells memory, start time, and how late timers are", async () => {
  const { registry, lines } = setUp();
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
