import assert from "node:assert/strict";
import { modernHeaders, post, request } from "../../mcp/wire.ts";
import { CALL, JSON_ONLY, MODERN_CALL, PING, setUp } from "./lab.ts";

Deno.test("a modern client that closes its event stream ends its call", async () => {
  const { handler, clock, gate } = setUp();
  const answer = handler(post(MODERN_CALL, modernHeaders(MODERN_CALL)));
  await gate.whenBegun(1);
  clock.advance(250);
  await (await answer).body?.cancel();
  assert.equal(gate.begun[0]?.signal.aborted, true);
  assert.equal(clock.pending(), 0);
});

Deno.test("a legacy client that closes its event stream does not end its call", async () => {
  const { handler, clock, gate, server } = setUp();
  const params = { name: "gate", _meta: { progressToken: "t" } };
  const response = await handler(post(request(1, "tools/call", params)));
  await response.body?.cancel();
  clock.advance(5_000);
  assert.equal(gate.begun[0]?.signal.aborted, false);
  gate.open();
  await server.close(new AbortController().signal);
  assert.equal(clock.pending(), 0);
});

Deno.test("a modern client that goes away ends its call where it waits for JSON", async () => {
  const { handler, clock, gate } = setUp();
  const client = new AbortController();
  const headers = { ...modernHeaders(MODERN_CALL), ...JSON_ONLY };
  const answer = handler(post(MODERN_CALL, headers, { signal: client.signal }));
  await gate.whenBegun(1);
  clock.advance(250);
  client.abort();
  assert.equal(gate.begun[0]?.signal.aborted, true);
  assert.equal((await answer).status, 202);
});

Deno.test("a modern client that goes away at once ends its call where it waits for JSON", async () => {
  const { handler, clock, gate } = setUp();
  const client = new AbortController();
  const headers = { ...modernHeaders(MODERN_CALL), ...JSON_ONLY };
  const answer = handler(post(MODERN_CALL, headers, { signal: client.signal }));
  await gate.whenBegun(1);
  client.abort();
  assert.equal(gate.begun[0]?.signal.aborted, false);
  clock.advance(250);
  assert.equal(gate.begun[0]?.signal.aborted, true);
  await answer;
});

Deno.test("a request that is aborted after its answer ends nothing", async () => {
  const { handler, clock, gate } = setUp();
  const client = new AbortController();
  const headers = { ...modernHeaders(MODERN_CALL), ...JSON_ONLY };
  const answer = handler(post(MODERN_CALL, headers, { signal: client.signal }));
  await gate.whenBegun(1);
  clock.advance(250);
  gate.open();
  assert.equal((await answer).status, 200);
  client.abort();
  assert.equal(gate.begun[0]?.signal.aborted, false);
});

for (
  const [shape, ms] of [["202 without a body", 0], [
    "an event stream without an answer",
    250,
  ]] as const
) {
  Deno.test(`a legacy call that is cancelled ends as ${shape}`, async () => {
    const { handler, clock, gate } = setUp();
    const session = { "mcp-session-id": "a" };
    const answer = handler(post(CALL, session));
    await gate.whenBegun(1);
    clock.advance(ms);
    const cancel = request(undefined, "notifications/cancelled", { requestId: 1 });
    assert.equal((await handler(post(cancel, session))).status, 202);
    const response = await answer;
    assert.equal(response.status, ms === 0 ? 202 : 200);
    assert.equal(await response.text(), "");
  });
}

Deno.test("a client that leaves is nobody's fault", async () => {
  const { handler } = setUp();
  const gone = Promise.reject(new Error("HTTP response was not sent successfully"));
  const response = await handler(post(PING), { completed: gone });
  assert.equal(response.status, 200);
  await response.body?.cancel();
});
