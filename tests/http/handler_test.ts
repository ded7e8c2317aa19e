import assert from "node:assert/strict";
import { createHttpHandler, type HttpOptions } from "../../lib/http/handler.ts";
import { createServer } from "../../lib/mcp/server.ts";
import { createFakeClock } from "../base/time/fake_clock.ts";
import { createGate, echo } from "../mcp/fixture_tools.ts";
import { at, modernHeaders, modernRequest, post, readEvents, request } from "../mcp/wire.ts";

function setUp(options: Partial<HttpOptions> = {}) {
  const gate = createGate();
  const clock = createFakeClock();
  const tools = [echo, gate.tool];
  const server = createServer({ name: "s", version: "1", tools: () => tools, log() {}, clock });
  const handler = createHttpHandler({
    server,
    clock,
    authenticate: ({ headers }) => headers.get("authorization") === "no" ? null : { name: "ann" },
    allowedHosts: [],
    isLoopbackBind: true,
    routes: [
      { path: "/healthz", needsToken: false, handle: () => new Response("ok") },
      { path: "/metrics", needsToken: true, handle: () => new Response("metrics") },
    ],
    ...options,
  });
  return { gate, clock, server, handler };
}

const PING = request(1, "ping");
const CALL = request(1, "tools/call", { name: "gate" });
const MODERN_CALL = modernRequest(1, "tools/call", { name: "gate" });
const JSON_ONLY = { accept: "application/json" };

function get(path: string, headers: Record<string, string> = {}, method = "GET"): Request {
  return new Request(`http://127.0.0.1:8090${path}`, { method, headers });
}

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

Deno.test("the handler names what it wants: Allow with 405, WWW-Authenticate with 401", async () => {
  const { handler } = setUp();
  assert.equal((await handler(get("/mcp"))).headers.get("allow"), "POST");
  const refused = await handler(post(PING, { authorization: "no" }));
  assert.equal(refused.headers.get("www-authenticate"), "Bearer");
});

Deno.test("the handler reports each request without a valid token, and no other", async () => {
  const denied: [url: string, remote: unknown][] = [];
  const { handler } = setUp({ onDenied: ({ url }, remote) => denied.push([url, remote]) });
  const remoteAddr = { transport: "tcp", hostname: "192.0.2.1", port: 1 } as const;
  const completed = Promise.resolve();
  await handler(get("/x", { authorization: "no" }), { remoteAddr, completed });
  await handler(post(PING));
  await handler(post(PING, { host: "evil.example", authorization: "no" }));
  await handler(get("/healthz", { authorization: "no" }));
  assert.deepEqual(denied, [["http://127.0.0.1:8090/x", remoteAddr]]);
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

Deno.test("a quick call is answered with JSON, and leaves no timer behind", async () => {
  const { handler, clock } = setUp();
  const response = await handler(post(request(1, "tools/call", { name: "echo" })));
  assert.equal(response.headers.get("content-type"), "application/json");
  assert.equal(at(await response.json(), "result", "content", 0, "text"), "{}");
  assert.equal(clock.pending(), 0);
});

Deno.test("a call of 249 ms is answered with JSON, one of 250 ms with an event stream", async () => {
  for (const [ms, type] of [[249, "application/json"], [250, "text/event-stream"]] as const) {
    const { handler, clock, gate } = setUp();
    const answer = handler(post(CALL));
    await gate.whenBegun(1);
    clock.advance(ms);
    gate.open();
    const response = await answer;
    assert.equal(response.headers.get("content-type"), type);
    assert.match(await response.text(), /open/);
    assert.equal(clock.pending(), 0);
  }
});

Deno.test("an event stream forbids caching and buffering, and is kept alive", async () => {
  const { handler, clock, gate } = setUp();
  const answer = handler(post(CALL));
  await gate.whenBegun(1);
  clock.advance(250);
  const response = await answer;
  assert.equal(response.headers.get("cache-control"), "no-cache");
  assert.equal(response.headers.get("x-accel-buffering"), "no");
  clock.advance(30_000);
  gate.open();
  const text = await response.text();
  assert.equal(text.match(/^: keep-alive$/gm)?.length, 2);
});

Deno.test("a call that asks for progress is answered with an event stream at once", async () => {
  const { handler, clock, gate } = setUp();
  const params = { name: "gate", _meta: { progressToken: "t" } };
  const response = await handler(post(request(1, "tools/call", params)));
  assert.equal(response.headers.get("content-type"), "text/event-stream");
  gate.begun[0]?.reportProgress?.("half way");
  clock.advance(1_000);
  gate.open();
  const events = await readEvents(response);
  assert.deepEqual(events.slice(0, -1).map((event) => at(event, "params")), [
    { progressToken: "t", progress: 0 },
    { progressToken: "t", progress: 1, message: "half way" },
  ]);
  assert.equal(at(events.at(-1), "result", "content", 0, "text"), "open");
  assert.equal(clock.pending(), 0);
});

Deno.test("a call that asks for progress is refused with JSON and its status", async () => {
  const { handler } = setUp();
  const message = modernRequest(1, "tools/none", {}, { progressToken: 1 });
  const response = await handler(post(message, modernHeaders(message)));
  assert.equal(response.status, 404);
  assert.equal(response.headers.get("content-type"), "application/json");
});

Deno.test("a client that accepts no event stream gets JSON when the call ends", async () => {
  const { handler, clock, gate } = setUp();
  const params = { name: "gate", _meta: { progressToken: "t" } };
  const answer = handler(post(request(1, "tools/call", params), JSON_ONLY));
  await gate.whenBegun(1);
  clock.advance(60_000);
  gate.open();
  const response = await answer;
  assert.equal(response.headers.get("content-type"), "application/json");
  assert.match(await response.text(), /open/);
  assert.equal(clock.pending(), 0);
});

Deno.test("a modern client that closes its event stream ends its call", async () => {
  const { handler, clock, gate } = setUp();
  const answer = handler(post(MODERN_CALL, modernHeaders(MODERN_CALL)));
  await gate.whenBegun(1);
  clock.advance(250);
  await (await answer).body?.cancel();
  assert.equal(gate.begun[0]?.signal.aborted, true);
  assert.equal(clock.pending(), 0);
});

Deno.test("a legacy client that closes its event stream does not end its call", async () => {
  const { handler, clock, gate, server } = setUp();
  const params = { name: "gate", _meta: { progressToken: "t" } };
  const response = await handler(post(request(1, "tools/call", params)));
  await response.body?.cancel();
  clock.advance(5_000);
  assert.equal(gate.begun[0]?.signal.aborted, false);
  gate.open();
  await server.close(new AbortController().signal);
  assert.equal(clock.pending(), 0);
});

Deno.test("a modern client that goes away ends its call where it waits for JSON", async () => {
  const { handler, clock, gate } = setUp();
  const client = new AbortController();
  const headers = { ...modernHeaders(MODERN_CALL), ...JSON_ONLY };
  const answer = handler(post(MODERN_CALL, headers, { signal: client.signal }));
  await gate.whenBegun(1);
  clock.advance(250);
  client.abort();
  assert.equal(gate.begun[0]?.signal.aborted, true);
  assert.equal((await answer).status, 202);
});

Deno.test("a modern client that goes away at once ends its call where it waits for JSON", async () => {
  const { handler, clock, gate } = setUp();
  const client = new AbortController();
  const headers = { ...modernHeaders(MODERN_CALL), ...JSON_ONLY };
  const answer = handler(post(MODERN_CALL, headers, { signal: client.signal }));
  await gate.whenBegun(1);
  client.abort();
  assert.equal(gate.begun[0]?.signal.aborted, false);
  clock.advance(250);
  assert.equal(gate.begun[0]?.signal.aborted, true);
  await answer;
});

Deno.test("a request that is aborted after its answer ends nothing", async () => {
  const { handler, clock, gate } = setUp();
  const client = new AbortController();
  const headers = { ...modernHeaders(MODERN_CALL), ...JSON_ONLY };
  const answer = handler(post(MODERN_CALL, headers, { signal: client.signal }));
  await gate.whenBegun(1);
  clock.advance(250);
  gate.open();
  assert.equal((await answer).status, 200);
  client.abort();
  assert.equal(gate.begun[0]?.signal.aborted, false);
});

for (
  const [shape, ms] of [["202 without a body", 0], [
    "an event stream without an answer",
    250,
  ]] as const
) {
  Deno.test(`a legacy call that is cancelled ends as ${shape}`, async () => {
    const { handler, clock, gate } = setUp();
    const session = { "mcp-session-id": "a" };
    const answer = handler(post(CALL, session));
    await gate.whenBegun(1);
    clock.advance(ms);
    const cancel = request(undefined, "notifications/cancelled", { requestId: 1 });
    assert.equal((await handler(post(cancel, session))).status, 202);
    const response = await answer;
    assert.equal(response.status, ms === 0 ? 202 : 200);
    assert.equal(await response.text(), "");
  });
}

Deno.test("bodies count against the bound of all bodies until they are answered", async () => {
  const { handler, gate } = setUp({ maxTotalBodyBytes: 200 });
  const answer = handler(post(CALL, JSON_ONLY));
  await gate.whenBegun(1);
  assert.equal((await handler(post(PING))).status, 429);
  gate.open();
  await answer;
  assert.equal((await handler(post(PING))).status, 200);
});

Deno.test("the handler asks again whether a token is valid when its message took its time", async () => {
  for (const [ms, status] of [[50, 200], [500, 401]] as const) {
    const message = Promise.withResolvers<Uint8Array<ArrayBuffer>>();
    let isValid = true;
    const { handler, clock } = setUp({ authenticate: () => isValid ? { name: "ann" } : null });
    const body = ReadableStream.from((async function* () {
      yield message.promise;
    })());
    const answered = handler(post("", {}, { body }));
    clock.advance(ms);
    isValid = false;
    message.resolve(new TextEncoder().encode(JSON.stringify(PING)));
    const response = await answered;
    await response.body?.cancel();
    assert.equal(response.status, status);
  }
});

Deno.test("a client that leaves is nobody's fault", async () => {
  const { handler } = setUp();
  const gone = Promise.reject(new Error("HTTP response was not sent successfully"));
  const response = await handler(post(PING), { completed: gone });
  assert.equal(response.status, 200);
  await response.body?.cancel();
});
