import assert from "node:assert/strict";
import { z } from "zod";
import type { CallRecord } from "../../../lib/calls/record.ts";
import type { Answer } from "../../../lib/mcp/answer.ts";
import type { Channel } from "../../../lib/mcp/era.ts";
import type { JsonObject } from "../../../lib/mcp/message.ts";
import { createServer, type ServerOptions } from "../../../lib/mcp/server.ts";
import { defineTool } from "../../../lib/mcp/tool.ts";
import { createFakeClock } from "../../base/time/fake_clock.ts";
import { createGate, echo } from "../fixture_tools.ts";
import { at, request } from "../wire.ts";

const MIB = 1024 * 1024;

/** Answers with as many letters as it is asked for; changes something, or not. */
function repeat(name: string, readOnly: boolean) {
  return defineTool({
    name,
    title: "Repeat",
    description: "Repeat a letter",
    input: z.object({ size: z.int(), letter: z.string().max(1).default("x") }),
    readOnly,
    run: ({ size, letter }) =>
      Promise.resolve({ content: [{ type: "text", text: letter.repeat(size) }] }),
  });
}

function setUp(options: Partial<ServerOptions> = {}) {
  const gate = createGate();
  const clock = createFakeClock();
  const records: CallRecord[] = [];
  const tools = [gate.tool, echo, repeat("read", true), repeat("change", false)];
  const server = createServer({
    name: "s",
    version: "1",
    tools: (principal) => principal === "reader" ? [gate.tool] : tools,
    log() {},
    claimantOf: (name) => ({ name, isOperator: name === "operator" }),
    onCall: (record) => records.push(record),
    clock,
    ...options,
  });
  const channel: Channel = { kind: "http", headers: new Headers() };
  const send = (message: JsonObject, principal = "operator") =>
    server.handle(JSON.stringify(message), {
      principal,
      results: null,
      channel,
      gone: new AbortController().signal,
      notify() {},
    });
  const call = (principal: string, name: string, args: JsonObject = {}) =>
    send(request(1, "tools/call", { name, arguments: args }), principal);
  return { gate, clock, records, server, send, call };
}

/** The whole of an answer, as JSON. */
function read(answer: Answer | null): unknown {
  assert.ok(answer);
  const bytes = answer.rest.flatMap((piece) => [...piece]);
  return JSON.parse(answer.text + new TextDecoder().decode(new Uint8Array(bytes)));
}

function textOf(answer: Answer | null): string {
  return String(at(read(answer), "result", "content", 0, "text"));
}

Deno.test("one client gets half of the places for calls, and an operator has a reserve", async () => {
  const { gate, call } = setUp({ maxCalls: () => 16 });
  const ann = Array.from({ length: 8 }, () => call("ann", "gate"));
  const refused = await call("ann", "gate");
  assert.equal(refused?.httpStatus, 429);
  assert.match(refused.text, /-32000.*nothing was done/);
  const bob = Array.from({ length: 6 }, () => call("bob", "gate"));
  assert.equal((await call("carl", "gate"))?.httpStatus, 429);
  const operator = [call("operator", "gate"), call("operator", "gate")];
  gate.open();
  for (const answer of await Promise.all([...ann, ...bob, ...operator])) {
    assert.equal(answer?.httpStatus, 200);
  }
});

Deno.test("a call keeps its place until its answer has left", async () => {
  const { call } = setUp({ maxCalls: () => 2 });
  const answer = await call("ann", "echo");
  assert.equal((await call("ann", "echo"))?.httpStatus, 429);
  answer?.release();
  assert.equal((await call("ann", "echo"))?.httpStatus, 429);
  answer?.leave();
  assert.equal((await call("ann", "echo"))?.httpStatus, 200);
});

Deno.test("calls that are refused, cancelled or fail keep no place", async () => {
  const { gate, server, call } = setUp({ maxCalls: () => 2 });
  for (let count = 0; count < 5; count++) {
    assert.equal((await call("ann", "none"))?.httpStatus, 200);
    const running = call("ann", "gate");
    await gate.whenBegun(count + 1);
    server.calls.end(server.calls.list()[0]?.id ?? "");
    (await running)?.leave();
  }
});

Deno.test("a call that cannot be recorded is answered, and then keeps no place", async () => {
  const logged: string[] = [];
  const { call } = setUp({
    maxCalls: () => 2,
    log: (message) => logged.push(message),
    onCall: () => {
      throw new Error("a bug");
    },
  });
  for (let count = 0; count < 3; count++) {
    const answer = await call("ann", "echo");
    assert.equal(textOf(answer), "{}");
    answer?.leave();
  }
  assert.equal(logged.join(), Array(3).fill("call was not recorded").join());
});

Deno.test("the bytes of answers count against their client until they have left", async () => {
  const { call } = setUp({ maxAnswerBytes: 8 * MIB });
  const first = await call("ann", "read", { size: 3 * MIB });
  assert.equal(textOf(first).length, 3 * MIB);
  const refused = await call("ann", "read", { size: 2 * MIB });
  assert.equal(textOf(refused), "Error: too many large answers wait to be read: try again later");
  assert.equal(at(read(refused), "result", "isError"), true);
  assert.equal(textOf(await call("operator", "read", { size: 2 * MIB })).length, 2 * MIB);
  refused?.leave();
  first?.release();
  assert.equal(textOf(await call("ann", "read", { size: 2 * MIB })).length, 2 * MIB);
});

Deno.test("many short answers that do not leave keep their client from calling, not others", async () => {
  const { call } = setUp({ maxAnswerBytes: MIB, maxCalls: () => 1_000 });
  const answers: (Answer | null)[] = [];
  while (answers.at(-1)?.httpStatus !== 429) answers.push(await call("ann", "echo"));
  assert.equal(answers.length, 17);
  assert.equal((await call("operator", "echo"))?.httpStatus, 200);
});

for (
  const [name, start] of [
    ["read", "Error: the answer has more than 4194304 bytes as JSON: ask for less"],
    ["change", "Error: it has run, but its answer is lost: the answer has more than 4194304 bytes"],
  ] as const
) {
  Deno.test(`an answer of "${name}" that is too long as JSON is replaced by the reason`, async () => {
    const { call, records } = setUp({ maxAnswerBytes: 8 * MIB });
    const answer = await call("operator", name, { size: MIB, letter: "\u0001" });
    assert.ok(textOf(answer).startsWith(start), textOf(answer));
    assert.equal(at(read(answer), "result", "isError"), true);
    assert.equal(records[0]?.answerBytes, answer?.bytes);
    assert.equal(textOf(await call("operator", name, { size: MIB, letter: "x" })).length, MIB);
  });
}

Deno.test("the size of a long answer is recorded as it is sent", async () => {
  const { call, records } = setUp();
  const answer = await call("operator", "read", { size: 100_000, letter: "\u0001" });
  assert.equal(new TextEncoder().encode(JSON.stringify(read(answer))).length, answer?.bytes);
  assert.equal(records[0]?.answerBytes, answer?.bytes);
});

const FILLER = "x".repeat(MIB);

Deno.test("a message is as long as its tool needs", async () => {
  const { call, send } = setUp();
  assert.match(textOf(await call("operator", "echo", { text: FILLER })), /xxx/);
  const long = await call("operator", "read", { size: 1, other: FILLER });
  assert.equal(long?.httpStatus, 413);
  assert.equal(at(read(long), "id"), 1);
  assert.equal(
    at(read(long), "error", "message"),
    "A call of read has at most 1048576 bytes: nothing was done",
  );
  assert.equal((await send(request(1, "tools/list", { other: FILLER })))?.httpStatus, 413);
});

Deno.test("maxMessageBytes() is what the tools of a principal need", () => {
  const { server } = setUp();
  assert.equal(server.maxMessageBytes("operator"), 48 * MIB);
  assert.equal(server.maxMessageBytes("reader"), MIB);
});

Deno.test("an operator sees the calls that run, and ends one", async () => {
  const { gate, clock, server, call, records } = setUp();
  assert.deepEqual(server.calls.list(), []);
  const ann = call("ann", "gate", { host: "tesla" });
  const startedAt = clock.wall();
  clock.advance(1_000);
  const bob = call("bob", "gate");
  await gate.whenBegun(2);
  const [first, second] = server.calls.list();
  assert.deepEqual(
    [first, second].map((running) => ({ ...running, id: "" })),
    [
      { id: "", principal: "ann", client: null, tool: "gate", hosts: ["tesla"], startedAt },
      {
        id: "",
        principal: "bob",
        client: null,
        tool: "gate",
        hosts: [],
        startedAt: startedAt + 1_000,
      },
    ],
  );
  assert.equal(server.calls.end("none"), false);
  assert.equal(server.calls.end(first?.id ?? ""), true);
  const answer = await ann;
  assert.equal(answer?.httpStatus, 200);
  assert.match(
    answer.text,
    /-32000.*An operator ended the call: whether it had an effect is unknown/,
  );
  assert.deepEqual([records[0]?.ended, records[0]?.requestId], ["operator", first?.id]);
  assert.deepEqual(server.calls.list(), [second]);
  gate.open();
  assert.match((await bob)?.text ?? "", /open/);
});

Deno.test("whoever watches the running calls learns that one has begun or ended", async () => {
  const { gate, server, call } = setUp();
  const counts: number[] = [];
  const listener = () => void counts.push(server.runningCalls());
  const [unwatch, unwatchOther] = [server.calls.watch(listener), server.calls.watch(listener)];
  const running = call("ann", "gate");
  await gate.whenBegun(1);
  assert.deepEqual(counts, [1, 1]);
  unwatchOther();
  gate.open();
  await running;
  assert.deepEqual(counts, [1, 1, 0]);
  unwatch();
  await call("ann", "gate");
  assert.deepEqual(counts, [1, 1, 0]);
});
