import assert from "node:assert/strict";
import type { Channel } from "../../../lib/mcp/era.ts";
import type { JsonObject } from "../../../lib/mcp/message.ts";
import { createServer } from "../../../lib/mcp/server.ts";
import { createGate } from "../fixture_tools.ts";
import { at, MODERN_META, modernHeaders, modernRequest, request } from "../wire.ts";

const LEGACY_CALL = request(1, "tools/call", { name: "gate" });
const MODERN_CALL = modernRequest(1, "tools/call", { name: "gate" });
const CANCEL = request(undefined, "notifications/cancelled", { requestId: 1, reason: "x" });
const MODERN_CANCEL = request(undefined, "notifications/cancelled", {
  requestId: 1,
  _meta: MODERN_META,
});

function session(id: string): Channel {
  return { kind: "http", headers: new Headers({ "mcp-session-id": id }) };
}

function setUp(maxCalls = 10) {
  const gate = createGate();
  const tools = [gate.tool];
  const server = createServer({
    name: "s",
    version: "1",
    tools: () => tools,
    log() {},
    maxCalls: () => maxCalls,
  });
  const gone = new AbortController();
  const send = (message: JsonObject, channel: Channel, principal = "ann") =>
    server.handle(JSON.stringify(message), {
      principal,
      results: null,
      channel,
      gone: gone.signal,
      notify() {},
    });
  return { gate, server, gone, send };
}

const pipe: Channel = { kind: "pipe", id: "pipe" };
const modernHttp: Channel = {
  kind: "http",
  headers: new Headers({ ...modernHeaders(MODERN_CALL), "mcp-session-id": "a" }),
};

const CANCELLING: readonly (readonly [string, JsonObject, JsonObject, Channel, Channel])[] = [
  ["a legacy call of its session", LEGACY_CALL, CANCEL, session("a"), session("a")],
  ["a legacy call of its pipe", LEGACY_CALL, CANCEL, pipe, pipe],
  ["a modern call of its pipe", MODERN_CALL, CANCEL, pipe, pipe],
  ["a modern call of its pipe, as a modern message", MODERN_CALL, MODERN_CANCEL, pipe, pipe],
];

for (const [what, call, cancel, callLink, cancelLink] of CANCELLING) {
  Deno.test(`notifications/cancelled ends ${what}, unanswered`, async () => {
    const { gate, send } = setUp();
    const answer = send(call, callLink);
    await gate.whenBegun(1);
    assert.equal(await send(cancel, cancelLink), null);
    assert.equal(gate.begun[0]?.signal.aborted, true);
    assert.equal(await answer, null);
  });
}

const NOT_CANCELLING: readonly (readonly [string, JsonObject, Channel, Channel, string])[] = [
  ["the call of another session", LEGACY_CALL, session("a"), session("b"), "ann"],
  ["the call of another principal", LEGACY_CALL, session("a"), session("a"), "bob"],
  [
    "a call without session",
    LEGACY_CALL,
    { kind: "http", headers: new Headers() },
    { kind: "http", headers: new Headers() },
    "ann",
  ],
  ["the call of another pipe", LEGACY_CALL, pipe, { kind: "pipe", id: "other" }, "ann"],
  ["a modern call over HTTP", MODERN_CALL, modernHttp, modernHttp, "ann"],
];

for (const [what, call, callLink, cancelLink, canceller] of NOT_CANCELLING) {
  Deno.test(`notifications/cancelled does not end ${what}`, async () => {
    const { gate, send } = setUp();
    const answer = send(call, callLink);
    await gate.whenBegun(1);
    assert.equal(await send(CANCEL, cancelLink, canceller), null);
    assert.equal(gate.begun[0]?.signal.aborted, false);
    gate.open();
    assert.match((await answer)?.text ?? "", /open/);
  });
}

Deno.test('notifications/cancelled tells 1 from "1"', async () => {
  const { gate, send } = setUp();
  const answer = send(request("1", "tools/call", { name: "gate" }), pipe);
  await gate.whenBegun(1);
  await send(CANCEL, pipe);
  gate.open();
  assert.match((await answer)?.text ?? "", /open/);
});

const DISCONNECTS: readonly (readonly [string, JsonObject, Channel, boolean])[] = [
  ["a modern call over HTTP", MODERN_CALL, modernHttp, true],
  ["a legacy call over HTTP", LEGACY_CALL, session("a"), false],
  ["a modern call over a pipe", MODERN_CALL, pipe, true],
  ["a legacy call over a pipe", LEGACY_CALL, pipe, true],
];

for (const [what, call, channel, cancels] of DISCONNECTS) {
  Deno.test(`a client that goes away ${cancels ? "ends" : "does not end"} ${what}`, async () => {
    const { gate, gone, send } = setUp();
    const answer = send(call, channel);
    await gate.whenBegun(1);
    gone.abort();
    assert.equal(gate.begun[0]?.signal.aborted, cancels);
    gate.open();
    assert.equal(await answer === null, cancels);
  });
}

Deno.test("a client that is gone before its call starts ends it", async () => {
  const { gate, gone, send } = setUp();
  gone.abort();
  assert.equal(await send(MODERN_CALL, modernHttp), null);
  assert.equal(gate.begun[0]?.signal.aborted, true);
});

for (const [what, channel] of [["session", session("a")], ["pipe", pipe]] as const) {
  Deno.test(`handle() answers calls with one id in one ${what}, each with its own answer`, async () => {
    const { gate, send } = setUp();
    const answers = [1, 2, 3].map(() => send(LEGACY_CALL, channel));
    await gate.whenBegun(3);
    gate.open();
    for (const answer of await Promise.all(answers)) {
      assert.equal(answer?.httpStatus, 200);
      assert.match(answer.text, /"id":1,.*open/);
    }
  });

  Deno.test(`notifications/cancelled ends none of two calls with one id in one ${what}`, async () => {
    const { gate, send } = setUp();
    const answers = [send(LEGACY_CALL, channel), send(LEGACY_CALL, channel)];
    await gate.whenBegun(2);
    assert.equal(await send(CANCEL, channel), null);
    assert.deepEqual(gate.begun.map(({ signal }) => signal.aborted), [false, false]);
    gate.open();
    await Promise.all(answers);
  });
}

Deno.test("notifications/cancelled ends a call whose id another call had that has ended", async () => {
  const { gate, send } = setUp();
  const first = send(LEGACY_CALL, session("a"));
  await gate.whenBegun(1);
  await send(CANCEL, session("a"));
  assert.equal(await first, null);
  const second = send(LEGACY_CALL, session("a"));
  await gate.whenBegun(2);
  await send(CANCEL, session("a"));
  assert.equal(await second, null);
});

Deno.test("handle() refuses a call beyond the bound, and takes it when one has ended", async () => {
  const { gate, send } = setUp(2);
  const answers = [send(LEGACY_CALL, session("a")), send(LEGACY_CALL, session("b"))];
  await gate.whenBegun(2);
  const third = await send(LEGACY_CALL, session("c"));
  assert.equal(third?.httpStatus, 429);
  assert.equal(at(JSON.parse(third?.text ?? ""), "error", "code"), -32000);
  gate.open();
  for (const answer of await Promise.all(answers)) answer?.leave();
  assert.equal((await send(LEGACY_CALL, session("c")))?.httpStatus, 200);
});

Deno.test("close() refuses new calls and awaits the running ones", async () => {
  const { gate, server, send } = setUp();
  const answer = send(LEGACY_CALL, pipe);
  await gate.whenBegun(1);
  const closed = server.close(new AbortController().signal);
  const refused = await send(request(2, "tools/call", { name: "gate" }), pipe);
  assert.equal(refused?.httpStatus, 503);
  assert.match(refused?.text ?? "", /stopping: nothing was done/);
  gate.open();
  await closed;
  assert.match((await answer)?.text ?? "", /open/);
});

Deno.test("close() ends the running calls at its deadline, and they say so", async () => {
  const { gate, server, send } = setUp();
  const answer = send(LEGACY_CALL, pipe);
  await gate.whenBegun(1);
  const deadline = new AbortController();
  const closed = server.close(deadline.signal);
  assert.equal(gate.begun[0]?.signal.aborted, false);
  deadline.abort();
  await closed;
  // Some clients send what was answered with 503 again, and this may have run.
  assert.equal((await answer)?.httpStatus, 200);
  assert.match((await answer)?.text ?? "", /-32000.*unknown/);
});

Deno.test("close() ends at once where nothing runs, also when it is called twice", async () => {
  const { server } = setUp();
  await server.close(AbortSignal.abort());
  await server.close(AbortSignal.abort());
});
