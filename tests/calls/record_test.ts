import assert from "node:assert/strict";
import { callOutcome, hostOf } from "../../lib/calls/record.ts";
import { callRecord, delivery } from "./record.ts";

for (
  const [end, outcomes, expected] of [
    ["ok", ["ok"], "ok"],
    ["failed", ["failed"], "failed"],
    ["failed", ["not_delivered"], "not_delivered"],
    ["failed", ["unknown"], "unknown"],
    ["stopped", ["unknown"], "unknown"],
    ["stopped", ["ok"], "ok"],
    ["ok", [], "ok"],
    ["failed", [], "refused"],
    ["stopped", [], "unknown"],
    ["ok", ["ok", "ok"], "ok"],
    ["ok", ["ok", "failed"], "failed"],
    ["ok", ["ok", "not_delivered"], "failed"],
    ["ok", ["not_delivered", "not_delivered"], "not_delivered"],
    ["ok", ["ok", "failed", "unknown"], "unknown"],
  ] as const
) {
  Deno.test(`callOutcome() of a tool that is ${end}, deliveries: [${outcomes}], is ${expected}`, () => {
    const deliveries = outcomes.map((outcome) => delivery({ outcome }));
    assert.equal(callOutcome(end, deliveries), expected);
  });
}

Deno.test("hostOf() names the host of a single delivery, or the one that was asked for", () => {
  const [a, b] = [delivery({ host: "a" }), delivery({ host: "b" })];
  const args = { host: "asked" };
  assert.deepEqual(
    [[a], [], [a, b]].map((deliveries) => hostOf(callRecord({ args, deliveries }))),
    ["a", "asked", null],
  );
  assert.equal(hostOf(callRecord({ args: { host: 1 }, deliveries: [] })), null);
});
