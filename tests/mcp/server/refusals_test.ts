import assert from "node:assert/strict";
import { at, modernRequest, request } from "../wire.ts";
import { ask, callerOf, http, serverOf } from "./asking.ts";

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

Deno.test("handle() logs a bug's detail, and sends the client its request id alone", async () => {
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
