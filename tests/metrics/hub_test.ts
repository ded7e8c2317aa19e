import assert from "node:assert/strict";
import { Registry } from "prom-client";
import { addHubMetrics } from "../../lib/metrics/hub.ts";

/** Metrics of a hub whose state a test may change. */
function setUp() {
  const state = {
    line: 0,
    ssh: { running: 0, waiting: 0 },
    lmcp: { running: 0, waiting: 0 },
    nats: { running: 0, waiting: 0 },
    spares: { waiting: 0, taken: 0 },
    lost: 0,
    approvals: new Map<string, number>(),
    waiting: 0,
  };
  const registry = new Registry();
  addHubMetrics(registry, {
    version: "1.2.3",
    denoVersion: "2.9.6",
    sshLoad: () => state.ssh,
    lmcpLoad: () => state.lmcp,
    natsLoad: () => state.nats,
    sshSpares: () => state.spares,
    auditLost: () => state.lost,
    auditLine: () => state.line,
    approvals: { counted: () => state.approvals, waiting: () => Promise.resolve(state.waiting) },
  });
  const lines = async (name: string) =>
    (await registry.metrics()).split("\n").filter((line) => line.startsWith(name));
  return { state, lines };
}

Deno.test("addHubMetrics() reads what is going on when it is asked", async () => {
  const { state, lines } = setUp();
  state.ssh = { running: 8, waiting: 3 };
  state.lmcp = { running: 16, waiting: 5 };
  state.spares = { waiting: 2, taken: 40 };
  state.lost = 7;
  const values = [...await lines("lmcp_hub_ssh_"), ...await lines("lmcp_hub_lmcp_")];
  assert.deepEqual(values, [
    "lmcp_hub_ssh_running 8",
    "lmcp_hub_ssh_waiting 3",
    "lmcp_hub_ssh_spares 2",
    "lmcp_hub_ssh_spares_taken_total 40",
    "lmcp_hub_lmcp_running 16",
    "lmcp_hub_lmcp_waiting 5",
  ]);
  assert.deepEqual(await lines("lmcp_hub_audit_lost_total"), ["lmcp_hub_audit_lost_total 7"]);
  await lines("");
  assert.deepEqual(await lines("lmcp_hub_audit_lost_total"), ["lmcp_hub_audit_lost_total 7"]);
});

Deno.test("addHubMetrics() exports the versions", async () => {
  assert.deepEqual(await setUp().lines("lmcp_hub_build_info"), [
    'lmcp_hub_build_info{version="1.2.3",deno="2.9.6"} 1',
  ]);
});

Deno.test("addHubMetrics() reports the newest line of the audit trail", async () => {
  const { state, lines } = setUp();
  assert.deepEqual(await lines("lmcp_hub_audit_line"), ["lmcp_hub_audit_line 0"]);
  state.line = 12;
  assert.deepEqual(await lines("lmcp_hub_audit_line"), ["lmcp_hub_audit_line 12"]);
});

Deno.test("addHubMetrics() counts what has happened to approvals, and those that wait", async () => {
  const { state, lines } = setUp();
  assert.deepEqual(await lines("lmcp_hub_approvals"), ["lmcp_hub_approvals_waiting 0"]);
  state.approvals = new Map([["asked", 3], ["allowed", 1]]);
  state.waiting = 2;
  assert.deepEqual(await lines("lmcp_hub_approvals"), [
    'lmcp_hub_approvals_total{state="asked"} 3',
    'lmcp_hub_approvals_total{state="allowed"} 1',
    "lmcp_hub_approvals_waiting 2",
  ]);
});
