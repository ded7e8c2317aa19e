import assert from "node:assert/strict";
import { mayMatchOthers } from "../../../../../lib/http/pages/fleet/browser/filter.js";
import type { HostRow } from "../../../../../lib/http/pages/fleet/model.ts";
import { sampleHost } from "../views/sample.ts";

const [A, B, C] = [
  sampleHost({ name: "a" }),
  sampleHost({ name: "b" }),
  sampleHost({ name: "c" }),
] as const;

function mayMatch(before: readonly HostRow[], after: readonly HostRow[], groups = 0): boolean {
  return mayMatchOthers({ hosts: before, groups: 0 }, { hosts: after, groups });
}

Deno.test("mayMatchOthers() is true where groups have other hosts", () => {
  assert.equal(mayMatch([A, B], [A, B], 1), true);
});

Deno.test("mayMatchOthers() is true of hosts that came, went, or have other tags", () => {
  assert.equal(mayMatch([A, B], [A]), true);
  assert.equal(mayMatch([A], [A, B]), true);
  assert.equal(mayMatch([A, B], [A, C]), true);
  assert.equal(mayMatch([A, B], [A, { ...B, tags: ["web", "db"] }]), true);
});

Deno.test("mayMatchOthers() is false of hosts that changed otherwise", () => {
  assert.equal(mayMatch([A, B], [A, { ...B, tags: [...B.tags], status: "down" }]), false);
  assert.equal(mayMatch([], []), false);
});
