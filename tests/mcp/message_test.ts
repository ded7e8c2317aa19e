import assert from "node:assert/strict";
import {
  type Message,
  parseMessage,
  writeError,
  writeNotification,
  writeRequest,
  writeResult,
} from "../../lib/mcp/message.ts";

const VALID: readonly (readonly [string, unknown, Message])[] = [
  ["a request", { jsonrpc: "2.0", id: 1, method: "ping" }, {
    kind: "request",
    id: 1,
    method: "ping",
    params: {},
  }],
  ["a string id", { jsonrpc: "2.0", id: "a", method: "m", params: { x: 1 } }, {
    kind: "request",
    id: "a",
    method: "m",
    params: { x: 1 },
  }],
  ["a notification", { jsonrpc: "2.0", method: "n", params: { x: 1 } }, {
    kind: "notification",
    method: "n",
    params: { x: 1 },
  }],
  ["null params", { jsonrpc: "2.0", method: "n", params: null }, {
    kind: "notification",
    method: "n",
    params: {},
  }],
  ["a result", { jsonrpc: "2.0", id: 2, result: { x: 1 } }, {
    kind: "result",
    id: 2,
    result: { x: 1 },
  }],
  ["an error", { jsonrpc: "2.0", id: 2, error: { code: -1, message: "m", data: 3 } }, {
    kind: "failure",
    id: 2,
    error: { code: -1, message: "m", data: 3 },
  }],
  ["an error without id", { jsonrpc: "2.0", id: null, error: { code: -1, message: "m" } }, {
    kind: "failure",
    id: null,
    error: { code: -1, message: "m" },
  }],
];

for (const [what, value, message] of VALID) {
  Deno.test(`parseMessage() reads ${what}`, () => {
    assert.deepEqual(parseMessage(value), message);
  });
}

const INVALID: readonly (readonly [string, unknown, string | number | null])[] = [
  ["a batch", [{ jsonrpc: "2.0", id: 1, method: "ping" }], null],
  ["an empty batch", [], null],
  ["a string", "ping", null],
  ["null", null, null],
  ["no jsonrpc", { id: 1, method: "ping" }, 1],
  ["jsonrpc 1.0", { jsonrpc: "1.0", id: 1, method: "ping" }, 1],
  ["id null", { jsonrpc: "2.0", id: null, method: "ping" }, null],
  ["a fractional id", { jsonrpc: "2.0", id: 1.5, method: "ping" }, null],
  ["an object as id", { jsonrpc: "2.0", id: {}, method: "ping" }, null],
  ["a method that is no string", { jsonrpc: "2.0", id: 1, method: 2 }, 1],
  ["params that are an array", { jsonrpc: "2.0", id: 1, method: "m", params: [] }, 1],
  ["neither method nor answer", { jsonrpc: "2.0", id: 1 }, 1],
  ["a result without id", { jsonrpc: "2.0", result: {} }, null],
];

for (const [what, value, id] of INVALID) {
  Deno.test(`parseMessage() refuses ${what}`, () => {
    const message = parseMessage(value);
    assert.ok(message.kind === "invalid");
    assert.equal(message.id, id);
    assert.equal(message.error.code, -32600);
  });
}

Deno.test("writeRequest(), writeNotification(), writeResult() and writeError() return one line of JSON", () => {
  const lines = [
    writeRequest(1, "m", { text: "a\nb" }),
    writeNotification("n", {}),
    writeResult("x", '{"a":"\\n"}'),
    writeError(null, { code: -32700, message: "m" }),
  ];
  assert.deepEqual(lines, [
    '{"jsonrpc":"2.0","id":1,"method":"m","params":{"text":"a\\nb"}}',
    '{"jsonrpc":"2.0","method":"n","params":{}}',
    '{"jsonrpc":"2.0","id":"x","result":{"a":"\\n"}}',
    '{"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"m"}}',
  ]);
});

Deno.test("parseMessage() says of a batch what to send instead", () => {
  const message = parseMessage([]);
  assert.ok(message.kind === "invalid");
  assert.equal(message.error.message, "Batches are not supported: send one message");
});
