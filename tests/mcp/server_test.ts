import assert from "node:assert/strict";
import type { CallRecord } from "../../lib/calls/record.ts";
import type { Channel } from "../../lib/mcp/era.ts";
import type { JsonObject } from "../../lib/mcp/message.ts";
import { createServer, type ServerOptions } from "../../lib/mcp/server.ts";
import type { Caller } from "../../lib/mcp/call.ts";
import { createFakeClock } from "../base/time/fake_clock.ts";
import { delivery } from "../calls/record.ts";
import { bug, createGate, echo, fail, sample } from "./fixture_tools.ts";
import { at, modernHeaders, modernRequest, request } from "./wire.ts";

const TOOLS = [echo, fail, bug, sample];

function serverOf(options: Partial<ServerOptions> = {}) {
  return createServer({
    name: "test-server",
    version: "0.0.1",
    tools: () => TOOLS,
    log() {},
    ...options,
  });
}

function callerOf(channel: Channel, options: Partial<Caller> = {}): Caller {
  const gone = new AbortController().signal;
  return { principal: "ann", results: null, channel, gone, notify() {}, ...options };
}

function http(headers: Record<string, string> = {}, options: Partial<Caller> = {}): Caller {
  return callerOf({ kind: "http", headers: new Headers(headers) }, options);
}

function pipe(id = "pipe", options: Partial<Caller> = {}): Caller {
  return callerOf({ kind: "pipe", id }, options);
}

async function ask(message: unknown, caller = http(), server = serverOf()) {
  const answer = await server.handle(JSON.stringify(message), caller);
  assert.ok(answer);
  return { ...answer, body: JSON.parse(answer.text) };
}

function askModern(message: JsonObject, headers: Record<string, string> = {}) {
  return ask(message, http({ ...modernHeaders(message), ...headers }));
}

const SERVER_INFO = { name: "test-server", version: "0.0.1" };

for (
  const [asked, answered] of [
    ["2025-11-25", "2025-11-25"],
    ["2025-06-18", "2025-06-18"],
    ["2025-03-26", "2025-03-26"],
    ["2024-11-05", "2025-11-25"],
    ["2026-07-28", "2025-11-25"],
    [undefined, "2025-11-25"],
  ]
) {
  Deno.test(`initialize that asks for ${asked} is answered with ${answered}`, async () => {
    const message = request(1, "initialize", { protocolVersion: asked });
    const { body, httpStatus, sessionId } = await ask(message);
    assert.deepEqual(body, {
      jsonrpc: "2.0",
      id: 1,
      result: {
        protocolVersion: answered,
        capabilities: { tools: {} },
        serverInfo: SERVER_INFO,
      },
    });
    assert.equal(httpStatus, 200);
    assert.match(sessionId ?? "", /^[0-9a-f-]{36}$/);
  });
}

Deno.test("initialize begins another session each time", async () => {
  const server = serverOf();
  const first = await ask(request(1, "initialize"), http(), server);
  const second = await ask(request(1, "initialize"), http(), server);
  assert.notEqual(first.sessionId, second.sessionId);
});

Deno.test("initialize and server/discover tell the instructions", async () => {
  const server = serverOf({ instructions: "Be kind" });
  const discover = modernRequest(1, "server/discover");
  for (const message of [request(1, "initialize"), discover]) {
    const { body } = await ask(message, pipe(), server);
    assert.equal(at(body, "result", "instructions"), "Be kind");
  }
});

Deno.test("server/discover names the modern versions alone", async () => {
  const { body, httpStatus } = await askModern(modernRequest("d", "server/discover"));
  assert.equal(httpStatus, 200);
  assert.deepEqual(body, {
    jsonrpc: "2.0",
    id: "d",
    result: {
      supportedVersions: ["2026-07-28"],
      capabilities: { tools: {} },
      ttlMs: 300_000,
      cacheScope: "public",
      resultType: "complete",
      _meta: { "io.modelcontextprotocol/serverInfo": SERVER_INFO },
    },
  });
});

Deno.test("ping is answered with an empty result", async () => {
  const { body } = await ask(request(7, "ping"));
  assert.deepEqual(body, { jsonrpc: "2.0", id: 7, result: {} });
});

Deno.test("tools/list keeps the order of the tools, undecorated for legacy clients", async () => {
  const { body } = await ask(request(1, "tools/list"));
  const { name, title, description, inputSchema, annotations } = echo;
  const tools = at(body, "result", "tools");
  assert.ok(Array.isArray(tools));
  assert.deepEqual(tools.map((tool) => at(tool, "name")), ["echo", "fail", "bug", "sample"]);
  assert.deepEqual(tools[0], { name, title, description, inputSchema, annotations });
  assert.deepEqual(Object.keys(body.result), ["tools"]);
});

Deno.test("tools/list has what only some clients read in a tool's _meta", async () => {
  const meta = { "anthropic/alwaysLoad": true, "anthropic/searchHint": "words" } as const;
  const server = serverOf({ tools: () => [{ ...echo, meta }, fail] });
  const modern = modernRequest(1, "tools/list");
  const asked = [[request(1, "tools/list"), http()], [
    modern,
    http(modernHeaders(modern)),
  ]] as const;
  for (const [message, caller] of asked) {
    const { body } = await ask(message, caller, server);
    assert.deepEqual(at(body, "result", "tools", 0, "_meta"), meta);
    assert.equal(at(body, "result", "tools", 1, "_meta"), undefined);
  }
});

Deno.test("tools/list is private and may be remembered by modern clients", async () => {
  const { body } = await askModern(modernRequest(1, "tools/list"));
  const { tools, ...rest } = body.result;
  assert.equal(tools.length, 4);
  assert.deepEqual(rest, {
    ttlMs: 300_000,
    cacheScope: "private",
    resultType: "complete",
    _meta: { "io.modelcontextprotocol/serverInfo": SERVER_INFO },
  });
});

Deno.test("tools/list shows each principal its own tools", async () => {
  const own = [echo];
  const server = serverOf({ tools: (principal) => principal === "ann" ? own : TOOLS });
  const { body } = await ask(request(1, "tools/list"), pipe(), server);
  assert.equal(body.result.tools.length, 1);
  const call = request(1, "tools/call", { name: "fail" });
  assert.equal(at((await ask(call, pipe(), server)).body, "error", "code"), -32602);
  const other = await ask(request(1, "tools/list"), pipe("pipe", { principal: "bob" }), server);
  assert.equal(other.body.result.tools.length, 4);
});

Deno.test("tools/call gives a modern client a complete result", async () => {
  const message = modernRequest(1, "tools/call", { name: "echo", arguments: { text: "hi" } });
  const { body, httpStatus } = await askModern(message);
  assert.equal(httpStatus, 200);
  assert.deepEqual(body.result, {
    content: [{ type: "text", text: '{"text":"hi"}' }],
    resultType: "complete",
    _meta: { "io.modelcontextprotocol/serverInfo": SERVER_INFO },
  });
});

Deno.test("tools/call answers a bad argument with a result that a model can read", async () => {
  const message = request(1, "tools/call", { name: "echo", arguments: { text: 1 } });
  const { body } = await ask(message);
  assert.equal(body.result.isError, true);
  assert.match(body.result.content[0].text, /^Error: bad `text` parameter/);
});

Deno.test("tools/list takes a cursor that is null for none", async () => {
  const { body } = await ask(request(1, "tools/list", { cursor: null }));
  assert.equal(at(body, "result", "tools", 0, "name"), "echo");
});

Deno.test("tools/call takes arguments that are null for none", async () => {
  const { body } = await ask(request(1, "tools/call", { name: "echo", arguments: null }));
  assert.equal(body.result.content[0].text, "{}");
});

const ERRORS: readonly (readonly [string, unknown, number, number])[] = [
  ["a batch", [request(1, "ping")], 400, -32600],
  ["id null", request(null, "ping"), 400, -32600],
  ["an unknown legacy method", request(1, "logging/setLevel"), 200, -32601],
  ["a modern method without its _meta", request(1, "server/discover"), 400, -32602],
  ["an unknown tool", request(1, "tools/call", { name: "x" }), 200, -32602],
  ["a tool name that is no string", request(1, "tools/call", { name: 1 }), 200, -32602],
  ["a tool called as Object's own", request(1, "tools/call", { name: "toString" }), 200, -32602],
  [
    "arguments that are an array",
    request(1, "tools/call", { name: "echo", arguments: [] }),
    200,
    -32602,
  ],
  [
    "65 arguments",
    request(1, "tools/call", {
      name: "echo",
      arguments: Object.fromEntries(Array.from({ length: 65 }, (_, index) => [`a${index}`, 1])),
    }),
    200,
    -32602,
  ],
  [
    "a progressToken of 257 characters",
    request(1, "tools/call", { name: "echo", _meta: { progressToken: "x".repeat(257) } }),
    200,
    -32602,
  ],
  ["a number for a cursor", request(1, "tools/list", { cursor: 0 }), 200, -32602],
  ["an unknown cursor", request(1, "tools/list", { cursor: "x" }), 200, -32602],
  ["a tool that throws", request(1, "tools/call", { name: "bug" }), 200, -32603],
];

for (const [what, message, httpStatus, code] of ERRORS) {
  Deno.test(`handle() answers ${what} with ${httpStatus} and ${code}`, async () => {
    const answer = await ask(message);
    assert.equal(answer.httpStatus, httpStatus);
    assert.equal(at(answer.body, "error", "code"), code);
    assert.equal(answer.body.id, at(message, "id") ?? null);
  });
}

const LONG = "x".repeat(1_000_000);

for (
  const [what, message] of [
    ["a method", request(1, LONG)],
    ["a tool", request(1, "tools/call", { name: LONG })],
    ["a cursor", request(1, "tools/list", { cursor: LONG })],
    ["an id", request(LONG, "ping")],
    ["a method that no header names", modernRequest(1, LONG)],
  ] as const
) {
  Deno.test(`handle() does not repeat ${what} of a million characters`, async () => {
    assert.ok((await ask(message)).text.length < 500);
  });
}

Deno.test("handle() refuses an id of 257 characters", async () => {
  const { body, httpStatus } = await ask(request("x".repeat(257), "ping"));
  assert.equal(httpStatus, 400);
  assert.deepEqual([body.id, body.error.code], [null, -32600]);
});

Deno.test("handle() takes an id, 64 arguments and a progressToken that are as long as they may be", async () => {
  const args = Object.fromEntries(Array.from({ length: 64 }, (_, index) => [`a${index}`, 1]));
  const params = { name: "echo", arguments: args, _meta: { progressToken: "t".repeat(256) } };
  const { body } = await ask(request("i".repeat(256), "tools/call", params));
  assert.deepEqual(JSON.parse(body.result.content[0].text), args);
});

Deno.test("handle() answers what is not JSON with 400 and -32700", async () => {
  const answer = await serverOf().handle('{"jsonrpc"', http());
  assert.equal(answer?.httpStatus, 400);
  assert.deepEqual(JSON.parse(answer?.text ?? ""), {
    jsonrpc: "2.0",
    id: null,
    error: { code: -32700, message: "The message is not JSON" },
  });
});

Deno.test("handle() tells a bug's detail to the log, and its request id alone to the client", async () => {
  const logged: Readonly<Record<string, unknown>>[] = [];
  const server = serverOf({ log: (_message, fields) => logged.push(fields) });
  const { text } = await ask(request(1, "tools/call", { name: "bug" }), http(), server);
  assert.doesNotMatch(text, /secret detail/);
  assert.match(String(logged[0]?.error), /secret detail/);
  assert.ok(text.includes(String(logged[0]?.requestId)));
});

Deno.test("handle() answers a bug before the method is known, and does not throw", async () => {
  const logged: Readonly<Record<string, unknown>>[] = [];
  const server = serverOf({ log: (_message, fields) => logged.push(fields) });
  const headers = new Headers();
  headers.get = () => {
    throw new Error("secret detail");
  };
  const caller = callerOf({ kind: "http", headers });
  for (const [message, id] of [[request(7, "ping"), 7], [request(undefined, "x"), null]] as const) {
    const { body } = await ask(message, caller, server);
    assert.deepEqual([body.id, body.error.code], [id, -32603]);
  }
  assert.equal(logged.filter(({ error }) => String(error).includes("secret detail")).length, 2);
});

const CALL = modernRequest(1, "tools/call", { name: "echo", arguments: {} });
const VERSION_KEY = "io.modelcontextprotocol/protocolVersion";
const CAPABILITIES_KEY = "io.modelcontextprotocol/clientCapabilities";
const FUTURE = modernRequest(1, "tools/list", {}, { [VERSION_KEY]: "2027-01-01" });

const MODERN: readonly (readonly [string, JsonObject, Record<string, string>, number, number])[] = [
  ["an unknown method", modernRequest(1, "x/y"), {}, 404, -32601],
  ["initialize", modernRequest(1, "initialize"), {}, 404, -32601],
  ["ping", modernRequest(1, "ping"), {}, 404, -32601],
  ["logging/setLevel", modernRequest(1, "logging/setLevel"), {}, 404, -32601],
  ["no _meta but a modern header", request(1, "tools/list"), {}, 400, -32602],
  [
    "no capabilities",
    modernRequest(1, "tools/list", {}, { [CAPABILITIES_KEY]: undefined }),
    {},
    400,
    -32602,
  ],
  [
    "a version that is no string",
    modernRequest(1, "tools/list", {}, { [VERSION_KEY]: 1 }),
    {},
    400,
    -32602,
  ],
  ["another version header", CALL, { "mcp-protocol-version": "2025-11-25" }, 400, -32020],
  ["another method header", CALL, { "mcp-method": "tools/list" }, 400, -32020],
  ["a method header in capitals", CALL, { "mcp-method": "TOOLS/CALL" }, 400, -32020],
  ["another name header", CALL, { "mcp-name": "fail" }, 400, -32020],
  ["a name header with broken base64", CALL, { "mcp-name": "=?base64?ZWNobw?=" }, 400, -32020],
  ["an unsupported version", FUTURE, { "mcp-protocol-version": "2027-01-01" }, 400, -32022],
  ["an unsupported version that no header repeats", FUTURE, {}, 400, -32020],
  ["a missing capability", modernRequest(1, "tools/call", { name: "sample" }), {}, 400, -32021],
  ["an unknown tool", modernRequest(1, "tools/call", { name: "x" }), {}, 200, -32602],
];

for (const [what, message, headers, httpStatus, code] of MODERN) {
  Deno.test(`handle() answers a modern client's ${what} with ${httpStatus} and ${code}`, async () => {
    const answer = await askModern(message, headers);
    assert.equal(answer.httpStatus, httpStatus);
    assert.equal(at(answer.body, "error", "code"), code);
    assert.equal(answer.body.id, 1);
  });
}

for (const missing of ["mcp-protocol-version", "mcp-method", "mcp-name"]) {
  Deno.test(`handle() answers a modern call without ${missing} with 400 and -32020`, async () => {
    const { [missing]: _, ...headers } = modernHeaders(CALL);
    const { body, httpStatus } = await ask(CALL, http(headers));
    assert.equal(httpStatus, 400);
    assert.equal(at(body, "error", "code"), -32020);
  });
}

const ACCEPTED: readonly (readonly [string, JsonObject, Caller])[] = [
  [
    "a name header in base64",
    CALL,
    http({ ...modernHeaders(CALL), "mcp-name": "=?base64?ZWNobw==?=" }),
  ],
  [
    "a modern session header, ignored",
    CALL,
    http({ ...modernHeaders(CALL), "mcp-session-id": "x" }),
  ],
  [
    "a modern client without clientInfo",
    modernRequest(1, "tools/list", {}, { "io.modelcontextprotocol/clientInfo": undefined }),
    pipe(),
  ],
  ["a modern call over a pipe, without headers", CALL, pipe()],
  [
    "a capability that was declared",
    modernRequest(1, "tools/call", { name: "sample" }, { [CAPABILITIES_KEY]: { sampling: {} } }),
    pipe(),
  ],
  [
    "a legacy call of a tool that needs a capability",
    request(1, "tools/call", { name: "sample" }),
    http(),
  ],
  ["a legacy client without version header", request(1, "tools/list"), http()],
  [
    "a legacy client of 2025-03-26",
    request(1, "tools/list"),
    http({ "mcp-protocol-version": "2025-03-26" }),
  ],
  [
    "initialize, whatever the header",
    request(1, "initialize"),
    http({ "mcp-protocol-version": "2026-07-28" }),
  ],
  [
    "a session id that the server never gave",
    request(1, "ping"),
    http({ "mcp-session-id": "never" }),
  ],
];

for (const [what, message, caller] of ACCEPTED) {
  Deno.test(`handle() accepts ${what}`, async () => {
    const { body, httpStatus } = await ask(message, caller);
    assert.equal(httpStatus, 200);
    assert.notEqual(body.result, undefined);
  });
}

Deno.test("handle() names the versions it speaks to a client of another", async () => {
  const { body } = await askModern(FUTURE, { "mcp-protocol-version": "2027-01-01" });
  assert.deepEqual(body.error.data, { supported: ["2026-07-28"], requested: "2027-01-01" });
});

Deno.test("handle() names the capabilities that are missing", async () => {
  const { body } = await askModern(modernRequest(1, "tools/call", { name: "sample" }));
  assert.deepEqual(body.error.data, { requiredCapabilities: { sampling: {} } });
});

for (const version of ["1999-01-01", "v999.0.0", "2025-11-26"]) {
  Deno.test(`handle() refuses a legacy message with the version header ${version}`, async () => {
    const caller = http({ "mcp-protocol-version": version });
    const { httpStatus, body } = await ask(request(1, "tools/list"), caller);
    assert.equal(httpStatus, 400);
    assert.equal(body.error.code, -32600);
    const notification = request(undefined, "notifications/initialized");
    assert.equal((await ask(notification, caller)).httpStatus, 400);
  });
}

for (
  const message of [
    request(undefined, "notifications/initialized"),
    request(undefined, "notifications/unknown"),
    request(undefined, "notifications/cancelled", { requestId: 99 }),
    { jsonrpc: "2.0", id: 1, result: {} },
    { jsonrpc: "2.0", id: 1, error: { code: 1, message: "m" } },
  ]
) {
  Deno.test(`handle() gives no answer to ${JSON.stringify(message)}`, async () => {
    assert.equal(await serverOf().handle(JSON.stringify(message), http()), null);
    assert.equal(await serverOf().handle(JSON.stringify(message), pipe()), null);
  });
}

Deno.test("a tool is told who calls, and under which trace", async () => {
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
