import assert from "node:assert/strict";
import { findChange } from "../../../../../lib/http/pages/fleet/live/changes.ts";
import { createFakeView, hostRow } from "../fake_view.ts";

const BEFORE = createFakeView().snapshot();
const [DB, WEB] = [hostRow("db1"), hostRow("web1")];
const HOSTS = { ...BEFORE, hosts: [DB, WEB] };
const NOTHING = {
  hosts: [],
  gone: [],
  problems: null,
  tiles: null,
  groups: null,
  calls: null,
  approvals: null,
};

Deno.test("findChange() finds nothing where all is the same", () => {
  assert.equal(findChange(BEFORE, BEFORE), null);
  assert.equal(findChange(BEFORE, { ...BEFORE }), null);
  assert.equal(findChange(HOSTS, { ...HOSTS, hosts: [DB, WEB] }), null);
});

Deno.test("findChange() finds hosts that changed, came and went", () => {
  const [changed, added] = [hostRow("web1"), hostRow("new")];
  assert.deepEqual(findChange(HOSTS, { ...HOSTS, hosts: [added, changed] }), {
    ...NOTHING,
    hosts: [added, changed],
    gone: ["db1"],
  });
  assert.deepEqual(findChange(HOSTS, { ...HOSTS, hosts: [DB] }), { ...NOTHING, gone: ["web1"] });
});

Deno.test("findChange() finds each other part by itself, also one that is empty now", () => {
  const { tiles } = BEFORE;
  const parts = [
    { problems: ["x"] },
    { problems: [] },
    { tiles: { ...tiles, up: 1 } },
    {
      calls: { running: [], recent: [] },
    },
    { groups: 1 },
    { groups: 0 },
    { approvals: [] },
  ];
  for (const part of parts) {
    assert.deepEqual(findChange({ ...BEFORE, groups: 2 }, { ...BEFORE, groups: 2, ...part }), {
      ...NOTHING,
      ...part,
    });
  }
});
