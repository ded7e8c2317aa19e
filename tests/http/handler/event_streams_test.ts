import assert from "node:assert/strict";
import { at, modernHeaders, modernRequest, post, readEvents, request } from "../../mcp/wire.ts";
import { CALL, JSON_ONLY, setUp } from "./lab.ts";

Deno.test("a quick call is answered with JSON, and leaves no timer behind", async () => {
  const { handler, clock } = setUp();
  const response = await handler(post(request(1, "tools/call", { name: "echo" })));
  assert.equal(response.headers.get("content-type"), "application/json");
  assert.equal(at(await response.json(), "result", "content", 0, "text"), "{}");
  assert.equal(clock.pending(), 0);
});

Deno.test("a call of 249 ms is answered with JSON, one of 250 ms with an event stream", async () => {
  for (const [ms, type] of [[249, "application/json"], [250, "text/event-stream"]] as const) {
    const { handler, clock, gate } = setUp();
    const answer = handler(post(CALL));
    await gate.whenBegun(1);
    clock.advance(ms);
    gate.open();
    const response = await answer;
    assert.equal(response.headers.get("content-type"), type);
    assert.match(await response.text(), /open/);
    assert.equal(clock.pending(), 0);
  }
});

Deno.test("an event stream forbids caching and buffering, and is kept alive", async () => {
  const { handler, clock, gate } = setUp();
  const answer = handler(post(CALL));
  await gate.whenBegun(1);
  clock.advance(250);
  const response = await answer;
  assert.equal(response.headers.get("cache-control"), "no-cache");
  assert.equal(response.headers.get("x-accel-buffering"), "no");
  clock.advance(30_000);
  gate.open();
  const text = await response.text();
  assert.equal(text.match(/^: keep-alive$/gm)?.length, 2);
});

Deno.test("a call that asks for progress is answered with an event stream at once", async () => {
  const { handler, clock, gate } = setUp();
  const params = { name: "gate", _meta: { progressToken: "t" } };
  const response = await handler(post(request(1, "tools/call", params)));
  assert.equal(response.headers.get("content-type"), "text/event-stream");
  gate.begun[0]?.reportProgress?.("half way");
  clock.advance(1_000);
  gate.open();
  const events = await readEvents(response);
  assert.deepEqual(events.slice(0, -1).map((event) => at(event, "params")), [
    { progressToken: "t", progress: 0 },
    { progressToken: "t", progress: 1, message: "half way" },
  ]);
  assert.equal(at(events.at(-1), "result", "content", 0, "text"), "open");
  assert.equal(clock.pending(), 0);
});

Deno.test("a call that asks for progress is refused with JSON and its status", async () => {
  const { handler } = setUp();
  const message = modernRequest(1, "tools/none", {}, { progressToken: 1 });
  const response = await handler(post(message, modernHeaders(message)));
  assert.equal(response.status, 404);
  assert.equal(response.headers.get("content-type"), "application/json");
});

Deno.test("a client that accepts no event stream gets JSON when the call ends", async () => {
  const { handler, clock, gate } = setUp();
  const params = { name: "gate", _meta: { progressToken: "t" } };
  const answer = handler(post(request(1, "tools/call", params), JSON_ONLY));
  await gate.whenBegun(1);
  clock.advance(60_000);
  gate.open();
  const response = await answer;
  assert.equal(response.headers.get("content-type"), "application/json");
  assert.match(await response.text(), /open/);
  assert.equal(clock.pending(), 0);
});
