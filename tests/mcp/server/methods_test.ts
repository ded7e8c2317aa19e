import assert from "node:assert/strict";
import { echo, fail } from "../fixture_tools.ts";
import { at, modernHeaders, modernRequest, request } from "../wire.ts";
import { ask, askModern, http, pipe, SERVER_INFO, serverOf, TOOLS } from "./asking.ts";

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

Deno.test("initialize and server/discover return the instructions", async () => {
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
