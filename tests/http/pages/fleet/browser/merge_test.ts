import assert from "node:assert/strict";
import { applyEvent } from "../../../../../lib/http/pages/fleet/browser/merge.js";
import type { LiveEvent } from "../../../../../lib/http/pages/fleet/model.ts";
import { NOW, sampleHost, sampleOverview } from "../views/sample.ts";

const BEFORE = sampleOverview({
  hosts: ["a", "b", "d"].map((name) => sampleHost({ name })),
});

function change(changes: Partial<Extract<LiveEvent, { kind: "change" }>>): typeof BEFORE {
  return applyEvent(BEFORE, {
    kind: "change",
    now: NOW + 1000,
    hosts: [],
    gone: [],
    tiles: null,
    groups: null,
    calls: null,
    approvals: null,
    problems: null,
    ...changes,
  });
}

Deno.test("applyEvent() keeps what has not changed as the same objects", () => {
  const after = change({ hosts: [sampleHost({ name: "b", status: "down" })] });
  assert.deepEqual(after.hosts.map(({ status }) => status), ["lmcp", "down", "lmcp"]);
  assert.equal(after.hosts[0], BEFORE.hosts[0]);
  assert.equal(after.hosts[2], BEFORE.hosts[2]);
  assert.equal(after.tiles, BEFORE.tiles);
  assert.equal(after.now, NOW + 1000);
  assert.equal(change({}).hosts, BEFORE.hosts);
});

Deno.test("applyEvent() sorts new hosts in by name, and lets go of those that are gone", () => {
  const after = change({ hosts: [sampleHost({ name: "c" })], gone: ["a"] });
  assert.deepEqual(after.hosts.map(({ name }) => name), ["b", "c", "d"]);
});

Deno.test("applyEvent() takes everything from a new beginning, but for what is equal", () => {
  const overview = structuredClone({
    ...BEFORE,
    now: NOW + 5000,
    problems: ["line 1"],
    hosts: BEFORE.hosts.slice(1),
  });
  const after = applyEvent(BEFORE, { kind: "all", overview, sparklines: {} });
  assert.deepEqual(after, overview);
  assert.equal(after.hosts[0], BEFORE.hosts[1]);
  assert.equal(after.calls, BEFORE.calls);
});

Deno.test("applyEvent() takes nothing but the time from a beat", () => {
  const after = applyEvent(BEFORE, { kind: "beat", now: NOW + 5000 });
  assert.deepEqual(after, { ...BEFORE, now: NOW + 5000 });
});
