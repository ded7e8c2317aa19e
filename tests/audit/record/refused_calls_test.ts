import assert from "node:assert/strict";
import type { CallRecord } from "../../../lib/calls/record.ts";
import { callRecord } from "../../calls/record.ts";
import { writes } from "../writes.ts";
import { CONTEXT, lineOf, others, recordOf } from "./lines.ts";

const NASTY = "\u0001".repeat(10_000);

const refusedCalls: readonly (readonly [string, Partial<CallRecord>])[] = [
  ["a long command", { args: { host: "tesla", command: NASTY } }],
  ["many declared arguments", { args: { command: NASTY, cwd: NASTY, timeout: 1 } }],
  ["many others", { args: others(1_000) }],
  ["long names of arguments", { args: others(1_000, NASTY) }],
  ["long names", { tool: NASTY, args: { host: NASTY }, client: { name: NASTY, version: NASTY } }],
  ["all of that", {
    tool: NASTY,
    principal: "p".repeat(10_000),
    client: { name: NASTY, version: NASTY },
    traceparent: `00-${"a".repeat(32)}-${"b".repeat(16)}-01`,
    args: { ...others(1_000, NASTY), ...others(1_000), host: NASTY, command: NASTY, cwd: NASTY },
  }],
];

for (const [what, call] of refusedCalls) {
  Deno.test(`createAudit() writes at most 2 KB of a refused call with ${what}`, () => {
    const line = lineOf({ ...call, deliveries: [], outcome: "refused" });
    const { length } = new TextEncoder().encode(`${line}\n`);
    assert.ok(length <= 2_048, `${length} bytes`);
    assert.equal(JSON.parse(line).outcome, "refused");
  });
}

Deno.test("createAudit() writes a short refused call like any other", () => {
  const call = { deliveries: [], args: { host: "x", command: "id", other: 1 } };
  const { outcome: _, ...refused } = recordOf({ ...call, outcome: "refused" });
  const { outcome: __, ...ok } = recordOf({ ...call, outcome: "ok" });
  assert.deepEqual(refused, ok);
});

Deno.test("createAudit() writes a call that is refused after it began with the start of its first line", () => {
  const call = callRecord({ args: { host: "tesla", command: "x".repeat(4_000) }, deliveries: [] });
  const [begun = "", ended = ""] = writes((audit) => {
    audit.begin(call, CONTEXT);
    call.outcome = "refused";
    audit.end(call, CONTEXT);
  });
  assert.deepEqual(JSON.parse(ended).arguments, JSON.parse(begun).arguments);
});
