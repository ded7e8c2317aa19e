import assert from "node:assert/strict";
import { serveNats } from "../../../lib/agent/nats/service.ts";
import { createServer } from "../../../lib/mcp/server.ts";
import type { Tool } from "../../../lib/mcp/tool.ts";
import type { NatsConnection, SubscriptionOptions } from "../../../lib/nats/connection.ts";
import { readReply, type Reply, type Request, writeFrame } from "../../../lib/nats/frames.ts";
import { createFakeClock } from "../../base/time/fake_clock.ts";
import { request } from "../../mcp/wire.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder();
const MAX_PAYLOAD = 8 * 1024;

/** A service over a connection that the test is the other end of. */
function setUp(call: Tool["call"] = () => Promise.resolve({ content: [] })) {
  const clock = createFakeClock();
  const replies: Reply[] = [];
  const wanted: SubscriptionOptions[] = [];
  let onState: (isUp: boolean) => void = () => {};
  const connection: NatsConnection = {
    isUp: () => true,
    watch: (listener) => {
      onState = listener;
      return () => {};
    },
    maxPayload: () => MAX_PAYLOAD,
    publish: (_subject, data) => {
      assert.ok(data.length <= MAX_PAYLOAD, `a message of ${data.length} bytes`);
      replies.push(readReply(data) ?? assert.fail("no reply"));
      return true;
    },
    subscribe: (options) => {
      wanted.push(options);
      return { end: () => {}, drain: () => Promise.resolve() };
    },
    flush: () => Promise.resolve(true),
    client: () => null,
    close: () => Promise.resolve(),
  };
  const tool: Tool = {
    name: "t",
    title: "T",
    description: "d",
    inputSchema: { type: "object" },
    readOnly: true,
    annotations: { readOnlyHint: true },
    maxMessageBytes: 64 * 1024,
    call,
  };
  const server = createServer({
    name: "a",
    version: "1",
    tools: () => [tool],
    log: () => {},
    clock,
  });
  const log = { error: () => assert.fail("a bug") };
  const service = serveNats({ connection, server, name: "web01", agent: "me", clock, log });
  return {
    clock,
    server,
    service,
    subjects: wanted.map(({ subject, queue }) => `${subject} ${queue ?? ""}`.trim()),
    /** Asks something, and returns the replies since then. */
    ask: async (asked: Request, { turns = 5 } = {}) => {
      const before = replies.length;
      const [first] = wanted;
      first?.onMessage({
        subject: "s",
        data: writeFrame(asked),
        reply: "inbox",
        isUnheard: false,
      });
      for (let turn = 0; turn < turns; turn++) await Promise.resolve();
      await new Promise((resolve) => setTimeout(resolve, 0));
      return replies.slice(before);
    },
    replies,
    disconnect: () => onState(false),
  };
}

const CALL = encoder.encode(JSON.stringify(request(1, "tools/call", { name: "t", arguments: {} })));
const call = (body = CALL, name = "c1", holdMs = 1_000): Request => (
  { op: "call", call: name, holdMs, body }
);

Deno.test("serveNats() asks for nothing but its own subjects", () => {
  assert.deepEqual(setUp().subjects, [
    "lmcp.host.web01 agents",
    "lmcp.host.web01.all",
    "lmcp.host.web01.agent.me",
  ]);
});

Deno.test("a call is answered at once, or with what it does meanwhile, and once", async () => {
  const ending = Promise.withResolvers<{ content: [] }>();
  const lab = setUp(() => ending.promise);
  assert.deepEqual(await lab.ask(call()), []);
  lab.clock.advance(1_000);
  assert.deepEqual(lab.replies.map(({ state }) => state), ["running"]);
  assert.deepEqual(await lab.ask({ op: "wait", call: "c1", holdMs: 1_000 }), []);
  ending.resolve({ content: [] });
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setTimeout(resolve, 0));
  assert.deepEqual(lab.replies.map(({ state }) => state), ["running", "answer"]);
  assert.deepEqual((await lab.ask({ op: "wait", call: "c1", holdMs: 1_000 }))[0]?.state, "gone");
});

Deno.test("a call whose hub asks no more is ended, and nothing is kept of it", async () => {
  let reason: unknown = null;
  const lab = setUp((_args, { signal }) => {
    const { promise, reject } = Promise.withResolvers<never>();
    signal.addEventListener("abort", () => reject(reason = signal.reason));
    return promise;
  });
  await lab.ask(call());
  lab.clock.advance(1_000);
  lab.clock.advance(14_000);
  assert.equal(reason, null);
  lab.clock.advance(2_000);
  assert.equal(Reflect.get(Object(reason), "ending"), "disconnected");
  await new Promise((resolve) => setTimeout(resolve, 0));
  assert.equal(lab.server.runningCalls(), 0);
});

Deno.test("what runs when the connection is lost has lost its hub", async () => {
  let reason: unknown = null;
  const lab = setUp((_args, { signal }) => {
    const { promise, reject } = Promise.withResolvers<never>();
    signal.addEventListener("abort", () => reject(reason = signal.reason));
    return promise;
  });
  await lab.ask(call());
  lab.disconnect();
  assert.equal(Reflect.get(Object(reason), "ending"), "disconnected");
  await lab.service.close(new AbortController().signal);
});

Deno.test("a notification of the hub cancels the call that it is about, and no other", async () => {
  const ended: string[] = [];
  const lab = setUp((_args, { signal }) => {
    const { promise, reject } = Promise.withResolvers<never>();
    signal.addEventListener("abort", () => {
      ended.push(String(Reflect.get(signal.reason, "ending")));
      reject(signal.reason);
    });
    return promise;
  });
  await lab.ask(call(CALL, "c1"));
  await lab.ask(call(CALL, "c2"));
  const body = encoder.encode(
    JSON.stringify({ jsonrpc: "2.0", method: "notifications/cancelled", params: { requestId: 1 } }),
  );
  await lab.ask({ op: "notify", call: "c3", body });
  assert.deepEqual(ended, []);
  await lab.ask({ op: "notify", call: "c2", body });
  assert.deepEqual(ended, ["cancelled"]);
  assert.equal(lab.server.runningCalls(), 1);
  await lab.ask({ op: "drop", call: "c1" });
  assert.deepEqual(ended, ["cancelled", "disconnected"]);
});

Deno.test("a call that comes as a notification does not run", async () => {
  let count = 0;
  const lab = setUp(() => {
    count++;
    return new Promise(() => {});
  });
  await lab.ask(call(CALL, "c1"));
  await lab.ask({ op: "notify", call: "c1", body: CALL });
  assert.deepEqual([count, lab.server.runningCalls()], [1, 1]);
});

Deno.test("a message in pieces is served when it is whole, and its answer is fetched in pieces", async () => {
  const text = "x".repeat(20_000);
  const lab = setUp((args) =>
    Promise.resolve({ content: [{ type: "text", text: `${JSON.stringify(args).length}${text}` }] })
  );
  const message = encoder.encode(
    JSON.stringify(request(1, "tools/call", { name: "t", arguments: { text } })),
  );
  const agent = "me";
  assert.deepEqual(await lab.ask({ op: "open", call: "c1", bytes: message.length }), [
    { state: "ready", agent },
  ]);
  const half = message.length >> 1;
  const put = (at: number, body: Uint8Array): Request => (
    { op: "put", call: "c1", at, holdMs: 1_000, body }
  );
  assert.deepEqual(await lab.ask(put(0, message.subarray(0, half))), [{ state: "ready", agent }]);
  const [first] = await lab.ask(put(half, message.subarray(half)));
  assert.ok(first?.state === "answer");
  assert.ok(first.bytes > 20_000 && first.body.length < MAX_PAYLOAD);
  let answer = decoder.decode(first.body);
  for (let at = first.body.length; at < first.bytes;) {
    const [piece] = await lab.ask({ op: "get", call: "c1", at });
    assert.ok(piece?.state === "piece");
    answer += decoder.decode(piece.body);
    at += piece.body.length;
  }
  assert.equal(JSON.parse(answer).result.content[0].text, `20011${text}`);
  assert.deepEqual(await lab.ask({ op: "get", call: "c1", at: 0 }), [{ state: "gone", agent }]);
});

Deno.test("messages that are too large, do not fit together or are too many are refused", async () => {
  const lab = setUp(() => new Promise(() => {}));
  const state = async (asked: Request) => (await lab.ask(asked)).map((reply) => reply.state).join();
  const most = lab.server.maxMessageBytes("nats");
  assert.equal(await state({ op: "open", call: "large", bytes: most + 1 }), "refused");
  assert.equal(await state({ op: "open", call: "c", bytes: 100 }), "ready");
  const put = (at: number, length: number): Request => (
    { op: "put", call: "c", at, holdMs: 0, body: new Uint8Array(length) }
  );
  assert.equal(await state(put(0, 50)), "ready");
  assert.equal(await state(put(60, 10)), "refused");
  assert.equal(await state(put(50, 50)), "gone");
  assert.equal(await state(call(new Uint8Array([0xff]), "bad")), "refused");
  assert.equal(await state({ op: "open", call: "slow", bytes: 100 }), "ready");
  lab.clock.advance(20_000);
  assert.equal(await state({ op: "wait", call: "slow", holdMs: 0 }), "gone");
  for (let at = 0; at < 1_024; at++) {
    await lab.ask({ op: "open", call: `m${at}`, bytes: 1 }, { turns: 0 });
  }
  assert.equal(await state(call(CALL, "late")), "refused");
});
