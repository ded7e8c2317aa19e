import assert from "node:assert/strict";
import type { CallRecord } from "../../../lib/calls/record.ts";
import { createFakeClock } from "../../base/time/fake_clock.ts";
import { delivery } from "../../calls/record.ts";
import { createGate } from "../fixture_tools.ts";
import { modernHeaders, modernRequest, request } from "../wire.ts";
import { ask, http, pipe, serverOf } from "./asking.ts";

Deno.test("a tool is given its caller and the trace", async () => {
  const gate = createGate();
  const server = serverOf({ tools: () => [gate.tool] });
  gate.open();
  const trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  const other = "00-11111111111111111111111111111111-2222222222222222-00";
  const message = modernRequest(1, "tools/call", { name: "gate" });
  const inMeta = modernRequest(2, "tools/call", { name: "gate" }, { traceparent: other });
  const headers = { ...modernHeaders(message), traceparent: trace };
  await ask(message, http(headers), server);
  await ask(inMeta, http(headers), server);
  await ask(request(3, "tools/call", { name: "gate" }), http({ traceparent: "x" }), server);
  const [first, second, third] = gate.begun;
  assert.equal(first?.principal, "ann");
  assert.deepEqual(first?.record.client, { name: "test-client", version: "1.2.3" });
  assert.deepEqual(gate.begun.map(({ traceparent }) => traceparent), [trace, other, null]);
  assert.equal(third?.record.client, null);
  assert.notEqual(first?.record.requestId, second?.record.requestId);
});

Deno.test("a caller that is known for certain is recorded as that, whatever its requests say", async () => {
  const records: CallRecord[] = [];
  const server = serverOf({ onCall: (record) => records.push(record) });
  const client = { name: "page", version: "1" };
  const message = JSON.stringify(modernRequest(1, "tools/call", { name: "echo" }));
  await server.handle(message, { ...pipe(), client });
  assert.equal(records[0]?.client, client);
});

Deno.test("onCall() is given the record of every tool call, once, when it has ended", async () => {
  const records: CallRecord[] = [];
  const clock = createFakeClock();
  const server = serverOf({ onCall: (record) => records.push(record), clock });
  const sizes: number[] = [];
  for (const name of ["echo", "fail", "bug", "none"]) {
    const call = request(1, "tools/call", { name, arguments: { a: "€" } });
    const answer = await server.handle(JSON.stringify(call), http());
    sizes.push(new TextEncoder().encode(answer?.text).length);
  }
  assert.deepEqual(records.map(({ tool, outcome }) => [tool, outcome]), [
    ["echo", "ok"],
    ["fail", "refused"],
    ["bug", "bug"],
    ["none", "refused"],
  ]);
  assert.deepEqual(records.map(({ answerBytes }) => answerBytes), sizes.with(2, 0));
  const [echoed] = records;
  assert.deepEqual([echoed?.args, echoed?.principal], [{ a: "€" }, "ann"]);
  assert.deepEqual([echoed?.durationMs, echoed?.ended, echoed?.deliveries], [0, null, []]);
});

for (
  const [what, deliveries, expected] of [
    ["what the tool recorded of", [delivery({ outcome: "failed" })], "failed"],
    ["an unknown outcome of a tool that recorded nothing of", [], "unknown"],
  ] as const
) {
  Deno.test(`onCall() is given ${what} a call that was cancelled`, async () => {
    const records: CallRecord[] = [];
    const gate = createGate();
    const server = serverOf({ tools: () => [gate.tool], onCall: (record) => records.push(record) });
    const call = JSON.stringify(request(1, "tools/call", { name: "gate" }));
    const answer = server.handle(call, pipe());
    await gate.whenBegun(1);
    gate.begun[0]?.record.deliveries.push(...deliveries);
    const cancel = request(undefined, "notifications/cancelled", { requestId: 1 });
    await server.handle(JSON.stringify(cancel), pipe());
    assert.equal(await answer, null);
    const [record, ...others] = records;
    assert.deepEqual([record?.outcome, record?.ended, record?.answerBytes, others], [
      expected,
      "cancelled",
      0,
      [],
    ]);
  });
}
