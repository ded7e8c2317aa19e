import assert from "node:assert/strict";
import { at, modernHeaders, modernRequest, post, request } from "../../mcp/wire.ts";
import { CALL, get, JSON_ONLY, PING, setUp } from "./lab.ts";

const STATUSES: readonly (readonly [string, Request, number, number | null])[] = [
  ["a request", post(PING), 200, null],
  ["a charset", post(PING, { "content-type": "application/json; charset=utf-8" }), 200, null],
  ["a content type in capitals", post(PING, { "content-type": "Application/JSON" }), 200, null],
  ["no JSON", post("{"), 400, -32700],
  ["no UTF-8", post("", {}, { body: new Uint8Array([0xff]) }), 400, -32700],
  ["an empty body", post(""), 400, -32700],
  ["a batch", post([PING]), 400, -32600],
  ["id null", post(request(null, "ping")), 400, -32600],
  ["a fractional id", post(request(1.5, "ping")), 400, -32600],
  ["no jsonrpc", post({ id: 1, method: "ping" }), 400, -32600],
  ["another content type", post(PING, { "content-type": "text/plain" }), 415, -32600],
  [
    "a content type that only contains JSON's",
    post(PING, { "content-type": "x-application/json" }),
    415,
    -32600,
  ],
  ["a message too large", post(request(1, "ping", { x: "x".repeat(2 ** 20) })), 413, -32600],
  ["a foreign Origin", post(PING, { origin: "http://evil.example" }), 403, -32600],
  ["a foreign Host", post(PING, { host: "localhost.evil.example" }), 403, -32600],
  ["no token", post(PING, { authorization: "no" }), 401, -32600],
  ["GET", get("/mcp"), 405, -32600],
  ["DELETE", get("/mcp", {}, "DELETE"), 405, -32600],
  ["another path", get("/"), 404, -32600],
  ["another path without token", get("/", { authorization: "no" }), 401, -32600],
  [
    "/.well-known/ without token",
    get("/.well-known/oauth-protected-resource", { authorization: "no" }),
    404,
    -32600,
  ],
  [
    "/.well-known/ with a foreign Host",
    get("/.well-known/x", { host: "evil.example" }),
    403,
    -32600,
  ],
  ["an open route without token", get("/healthz", { authorization: "no" }), 200, null],
  ["an open route with a foreign Host", get("/healthz", { host: "evil.example" }), 403, -32600],
  ["a closed route", get("/metrics"), 200, null],
  ["a closed route without token", get("/metrics", { authorization: "no" }), 401, -32600],
  [
    "a modern method that does not exist",
    post(modernRequest(1, "ping"), modernHeaders(modernRequest(1, "ping"))),
    404,
    -32601,
  ],
  ["a legacy method that does not exist", post(request(1, "x")), 200, -32601],
  ["a bad version header", post(PING, { "mcp-protocol-version": "1" }), 400, -32600],
];

for (const [what, message, status, code] of STATUSES) {
  Deno.test(`the handler answers ${what} with ${status}${code ? ` and ${code}` : ""}`, async () => {
    const response = await setUp().handler(message);
    assert.equal(response.status, status);
    const text = await response.text();
    if (code === null) return;
    assert.equal(at(JSON.parse(text), "error", "code"), code);
    assert.equal(response.headers.get("content-type"), "application/json");
  });
}

Deno.test("the handler says where MCP is to a message that was sent to a page", async () => {
  const site = () => new Response("a page");
  const { handler } = setUp({ site });
  const sent = new Request("http://127.0.0.1:8090/", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(PING),
  });
  const response = await handler(sent);
  assert.equal(response.status, 404);
  const text = at(await response.json(), "error", "message");
  assert.equal(text, "Nothing is here: MCP is served at /mcp");
  assert.equal(await (await handler(get("/"))).text(), "a page");
  assert.equal(await (await handler(get("/", {}, "POST"))).text(), "a page");
});

Deno.test("the handler names what it wants: Allow with 405, WWW-Authenticate with 401", async () => {
  const { handler } = setUp();
  assert.equal((await handler(get("/mcp"))).headers.get("allow"), "POST");
  const refused = await handler(post(PING, { authorization: "no" }));
  assert.equal(refused.headers.get("www-authenticate"), "Bearer");
});

for (
  const message of [request(undefined, "notifications/initialized"), {
    jsonrpc: "2.0",
    id: 1,
    result: {},
  }]
) {
  Deno.test(`the handler answers ${JSON.stringify(message)} with 202 and no body`, async () => {
    const response = await setUp().handler(post(message));
    assert.equal(response.status, 202);
    assert.equal(response.body, null);
  });
}

Deno.test("the handler gives a session id to initialize alone", async () => {
  const { handler } = setUp();
  const response = await handler(post(request(1, "initialize")));
  assert.match(response.headers.get("mcp-session-id") ?? "", /^[0-9a-f-]{36}$/);
  assert.equal((await handler(post(PING))).headers.get("mcp-session-id"), null);
  const discover = modernRequest(1, "server/discover");
  const modern = await handler(post(discover, modernHeaders(discover)));
  assert.equal(modern.status, 200);
  assert.equal(modern.headers.get("mcp-session-id"), null);
});

Deno.test("bodies count against the bound of all bodies until they are answered", async () => {
  const { handler, gate } = setUp({ maxTotalBodyBytes: 200 });
  const answer = handler(post(CALL, JSON_ONLY));
  await gate.whenBegun(1);
  assert.equal((await handler(post(PING))).status, 429);
  gate.open();
  await answer;
  assert.equal((await handler(post(PING))).status, 200);
});
