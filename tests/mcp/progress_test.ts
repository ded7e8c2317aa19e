import assert from "node:assert/strict";
import type { JsonObject, JsonRpcRequest } from "../../lib/mcp/message.ts";
import { startHeartbeat } from "../../lib/mcp/progress.ts";
import { createFakeClock } from "../base/time/fake_clock.ts";
import { at } from "./wire.ts";

function setUp(meta: JsonObject | undefined) {
  const clock = createFakeClock();
  const sent: unknown[] = [];
  const params = meta === undefined ? {} : { _meta: meta };
  const request: JsonRpcRequest = { kind: "request", id: 1, method: "tools/call", params };
  const heartbeat = startHeartbeat(request, {
    clock,
    intervalMs: 1_000,
    notify: (message) => sent.push(at(JSON.parse(message), "params")),
  });
  return { clock, sent, heartbeat };
}

Deno.test("startHeartbeat() beats at once and each second, with the newest line", () => {
  const { clock, sent, heartbeat } = setUp({ progressToken: "t" });
  heartbeat.report?.("one");
  heartbeat.report?.("two");
  clock.advance(2_500);
  heartbeat.report?.("three");
  clock.advance(1_000);
  assert.deepEqual(sent, [
    { progressToken: "t", progress: 0 },
    { progressToken: "t", progress: 1, message: "two" },
    { progressToken: "t", progress: 2, message: "two" },
    { progressToken: "t", progress: 3, message: "three" },
  ]);
});

Deno.test("startHeartbeat() sends nothing more once it is stopped", () => {
  const { clock, sent, heartbeat } = setUp({ progressToken: 0 });
  heartbeat.stop();
  heartbeat.report?.("late");
  clock.advance(5_000);
  assert.equal(sent.length, 1);
  assert.equal(clock.pending(), 0);
});

Deno.test("startHeartbeat() keeps no long line", () => {
  const { clock, sent, heartbeat } = setUp({ progressToken: 1 });
  heartbeat.report?.("x".repeat(5_000));
  clock.advance(1_000);
  assert.equal(at(sent, 1, "message"), "x".repeat(1_000));
});

for (const meta of [undefined, {}, { progressToken: null }, { progressToken: {} }]) {
  Deno.test(`startHeartbeat() is silent with _meta ${JSON.stringify(meta)}`, () => {
    const { clock, sent, heartbeat } = setUp(meta);
    assert.equal(heartbeat.report, null);
    clock.advance(5_000);
    heartbeat.stop();
    assert.deepEqual(sent, []);
    assert.equal(clock.pending(), 0);
  });
}
