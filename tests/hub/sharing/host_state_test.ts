import assert from "node:assert/strict";
import type { HostState } from "../../../lib/fleet/health.ts";
import { readHostState, writeHostState } from "../../../lib/hub/sharing/host_state.ts";
import { labHost } from "../../lab/host.ts";

const HOST = labHost({ name: "web" });

function roundTrip(times: Pick<HostState, "checkedAt" | "nextProbeAt">) {
  const measured = { error: null, detail: null, toolCount: 17, latencyMs: 5 };
  const state: HostState = { up: true, via: "ssh", ...measured, ...times };
  const bytes = writeHostState(HOST, { state, measuredMs: 5 }, (text) => text);
  return readHostState(bytes, HOST)?.state ?? null;
}

Deno.test("a state of a host with a time of which no text can be made is none", () => {
  const now = Date.now();
  assert.equal(roundTrip({ checkedAt: now, nextProbeAt: now + 1 })?.checkedAt, now);
  for (const time of [1e300, -1e300, 8.65e15]) {
    assert.equal(roundTrip({ checkedAt: time, nextProbeAt: now }), null);
    assert.equal(roundTrip({ checkedAt: now, nextProbeAt: time }), null);
  }
});
