import assert from "node:assert/strict";
import type { HostState } from "../../../lib/fleet/health.ts";
import { hostTable, openViewLab } from "./view_lab.ts";

const UP: HostState = {
  up: true,
  via: "ssh",
  error: null,
  detail: null,
  toolCount: null,
  latencyMs: 5,
  checkedAt: 1,
  nextProbeAt: 2,
};

Deno.test("of hosts, only those of the registry are remembered, and no variant of one", async () => {
  await using lab = await openViewLab({ registry: hostTable("a", { ssh_host: "a" }) });
  const [host] = lab.hosts();
  assert.ok(host !== undefined);
  const { history, onState } = lab.recording;
  onState({ ...host, lmcpUrl: null }, UP, 5);
  onState({ ...host, name: "b" }, UP, 5);
  assert.deepEqual([history.spansOf("a"), history.spansOf("b")], [[], []]);
  onState(host, UP, 5);
  assert.deepEqual(history.spansOf("a").map(({ status }) => status), ["ssh"]);
});
