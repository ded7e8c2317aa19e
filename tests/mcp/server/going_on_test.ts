import assert from "node:assert/strict";
import { z } from "zod";
import type { CallRecord } from "../../../lib/calls/record.ts";
import type { Channel } from "../../../lib/mcp/era.ts";
import type { JsonObject } from "../../../lib/mcp/message.ts";
import { createServer } from "../../../lib/mcp/server.ts";
import { type CallToolResult, defineTool } from "../../../lib/mcp/tool.ts";
import { createFakeClock } from "../../base/time/fake_clock.ts";
import { modernHeaders, modernRequest, request } from "../wire.ts";

const DONE: CallToolResult = { content: [{ type: "text", text: "done" }] };

/** A server whose one tool answers at once and goes on until it is let go, or asked to stop. */
function setUp() {
  const rest = Promise.withResolvers<CallToolResult>();
  const records: CallRecord[] = [];
  const bugs: string[] = [];
  const gone = new AbortController();
  const clock = createFakeClock();
  let end = () => {};
  const tools = [defineTool({
    name: "long",
    title: "Long",
    description: "Goes on",
    input: z.object({}),
    readOnly: false,
    run: (_args, { goOn, signal }) => {
      signal.addEventListener("abort", () => rest.reject(signal.reason));
      end = goOn(rest.promise);
      return Promise.resolve({ content: [{ type: "text", text: "still running" }] });
    },
  })];
  const server = createServer({
    name: "s",
    version: "1",
    tools: () => tools,
    log: (message) => bugs.push(message),
    onCall: (record) => records.push(record),
    maxCalls: () => 1,
    clock,
  });
  const send = (message: JsonObject, channel: Channel) =>
    server.handle(JSON.stringify(message), {
      principal: "ann",
      results: null,
      channel,
      gone: gone.signal,
      notify() {},
    });
  /** Waits until the call has ended in every respect. */
  const whenEnded = async () => {
    await rest.promise.catch(() => {});
    await server.close(AbortSignal.abort());
    await Promise.resolve();
  };
  return { rest, records, bugs, gone, clock, server, send, end: () => end(), whenEnded };
}

const CALL = request(7, "tools/call", { name: "long" });
const MODERN = modernRequest(7, "tools/call", { name: "long" });
const legacyChannel: Channel = {
  kind: "http",
  headers: new Headers({ "mcp-session-id": "a" }),
};
const modernChannel: Channel = { kind: "http", headers: new Headers(modernHeaders(MODERN)) };
const CANCEL = request(undefined, "notifications/cancelled", { requestId: 7 });

for (
  const [era, call, channel] of [
    ["legacy", CALL, legacyChannel],
    ["modern", MODERN, modernChannel],
  ] as const
) {
  Deno.test(`a ${era} call that goes on after its answer is listed, and keeps its place`, async () => {
    const { rest, records, clock, server, send, whenEnded } = setUp();
    const answer = await send(call, channel);
    assert.match(answer?.text ?? "", /still running/);
    answer?.leave();
    assert.deepEqual(server.calls.list().map(({ tool }) => tool), ["long"]);
    assert.equal(server.runningCalls(), 1);
    assert.equal((await send(call, channel))?.httpStatus, 429);
    assert.deepEqual(records.map(({ outcome }) => outcome), ["refused"]);
    clock.advance(90_000);
    rest.resolve(DONE);
    await whenEnded();
    assert.equal(server.runningCalls(), 0);
    assert.deepEqual(
      records.slice(1).map(({ outcome, durationMs, ended }) => [outcome, durationMs, ended]),
      [
        ["ok", 90_000, null],
      ],
    );
  });

  Deno.test(`a ${era} call that goes on is ended neither by its client's leaving nor by its id`, async () => {
    const { rest, records, gone, send, whenEnded } = setUp();
    await send(call, channel);
    gone.abort();
    await send(CANCEL, legacyChannel);
    rest.resolve(DONE);
    await whenEnded();
    assert.deepEqual(records.map(({ outcome, ended }) => [outcome, ended]), [["ok", null]]);
  });
}

Deno.test("a call that goes on can be ended by its tool, by an operator and by the server's stop", async () => {
  for (
    const [ending, end] of [
      ["cancelled", ({ end }) => end()],
      ["operator", ({ server }) => server.calls.end(server.calls.list()[0]?.id ?? "")],
      ["stopping", () => {}],
    ] satisfies readonly [string, (hub: ReturnType<typeof setUp>) => unknown][]
  ) {
    const hub = setUp();
    await hub.send(CALL, legacyChannel);
    end(hub);
    await hub.server.close(AbortSignal.abort());
    await hub.whenEnded();
    assert.deepEqual(hub.records.map(({ outcome, ended }) => [outcome, ended]), [
      ["unknown", ending],
    ]);
    assert.deepEqual(hub.bugs, []);
  }
});

Deno.test("what a tool throws after its answer is logged", async () => {
  const { rest, records, bugs, server, send, whenEnded } = setUp();
  await send(CALL, legacyChannel);
  rest.reject(new TypeError("broken"));
  await whenEnded();
  assert.deepEqual(records.map(({ outcome }) => outcome), ["bug"]);
  assert.deepEqual([bugs, server.runningCalls()], [["call failed"], 0]);
});
