import assert from "node:assert/strict";
import type { JsonObject } from "../../../lib/mcp/message.ts";
import type { Caller } from "../../../lib/mcp/call.ts";
import { at, modernHeaders, modernRequest, request } from "../wire.ts";
import { ask, askModern, http, pipe, serverOf } from "./asking.ts";

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
