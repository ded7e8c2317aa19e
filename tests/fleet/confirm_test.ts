import assert from "node:assert/strict";
import type { Intent } from "../../lib/calls/intent.ts";
import { type ConfirmRule, findAsked } from "../../lib/fleet/confirm.ts";

const rule = (parts: Partial<ConfirmRule>): ConfirmRule => (
  { tools: null, hosts: null, minHosts: 1, asked: "client", ...parts }
);
const use = (tool: string, readOnly: boolean, ...hosts: readonly string[]): Intent => (
  { uses: [{ tool, readOnly, hosts }] }
);
const SHELL = use("remote_shell", false, "a", "b");
const READ = use("remote_read_file", true, "a");
const COPY: Intent = {
  uses: [
    { tool: "remote_copy", readOnly: false, hosts: ["a", "b", "c"] },
    { tool: "remote_read_file", readOnly: true, hosts: ["a"] },
    { tool: "remote_write_file", readOnly: false, hosts: ["b", "c"] },
  ],
};
const named = (mustBeConfirmed: boolean): Intent => (
  { ...use("remote_run", true, "a"), command: { text: "uptime", mustBeConfirmed } }
);

for (
  const [what, parts, intent, asked] of [
    ["no tools: a tool that changes something", { hosts: new Set(["a"]) }, SHELL, "client"],
    ["no tools: not one that reads", { hosts: new Set(["a"]) }, READ, null],
    ["a tool that reads, by its name", { tools: new Set(["remote_read_file"]) }, READ, "client"],
    ["another tool", { tools: new Set(["remote_run"]) }, SHELL, null],
    ["other hosts", { hosts: new Set(["c"]) }, SHELL, null],
    ["as many hosts", { minHosts: 2 }, SHELL, "client"],
    ["too few hosts", { minHosts: 3 }, SHELL, null],
    ["too few of the rule's hosts", { hosts: new Set(["a", "c"]), minHosts: 2 }, SHELL, null],
    ["a copy, as reading at its source", { tools: new Set(["remote_read_file"]) }, COPY, "client"],
    [
      "a copy, not as writing at its source",
      { tools: new Set(["remote_write_file"]), hosts: new Set(["a"]) },
      COPY,
      null,
    ],
    [
      "a copy, as writing at each target",
      { tools: new Set(["remote_write_file"]), minHosts: 2 },
      COPY,
      "client",
    ],
    ["a call without hosts", {}, use("remote_run", false), null],
    ["a command that must be", { tools: new Set(["remote_shell"]) }, named(true), "client"],
    ["a command that need not be", { tools: new Set(["remote_shell"]) }, named(false), null],
  ] as const
) {
  Deno.test(`findAsked() with ${what}: ${asked ?? "nobody"}`, () => {
    assert.equal(findAsked([rule(parts)], intent), asked);
  });
}

Deno.test("findAsked() has the operator asked where any rule says so", () => {
  const rules = [rule({}), rule({ asked: "operator", minHosts: 2 }), rule({})];
  assert.equal(findAsked(rules, SHELL), "operator");
  assert.equal(findAsked(rules, use("remote_shell", false, "a")), "client");
  assert.equal(findAsked([rules[1] ?? rule({})], { ...SHELL, ...named(true) }), "client");
  assert.equal(findAsked([], SHELL), null);
});
