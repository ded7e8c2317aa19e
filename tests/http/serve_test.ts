import assert from "node:assert/strict";
import type { JsonObject } from "../../lib/mcp/message.ts";
import { createGate, echo } from "../mcp/fixture_tools.ts";
import { serveTools } from "../mcp/served.ts";
import { until } from "../processes.ts";
import { at, modernHeaders, modernRequest, readEvents, request } from "../mcp/wire.ts";

function send(
  url: string,
  message: JsonObject,
  headers: Record<string, string> = {},
  signal: AbortSignal | null = null,
): Promise<Response> {
  return fetch(url, {
    method: "POST",
    body: JSON.stringify(message),
    signal,
    headers: {
      "content-type": "application/json",
      accept: "application/json, text/event-stream",
      ...headers,
    },
  });
}

async function beginSession(url: string): Promise<Record<string, string>> {
  const response = await send(url, request(0, "initialize", { protocolVersion: "2025-11-25" }));
  await response.body?.cancel();
  return { "mcp-session-id": response.headers.get("mcp-session-id") ?? "" };
}

const CALL = request(1, "tools/call", { name: "gate" });
const MODERN_CALL = modernRequest(1, "tools/call", { name: "gate" });

Deno.test("over TCP: quick calls answer with JSON, slow ones with an event stream", async () => {
  const gate = createGate();
  await using served = serveTools([echo, gate.tool]);
  const quick = await send(served.url, request(1, "tools/call", { name: "echo" }));
  assert.equal(quick.headers.get("content-type"), "application/json");
  assert.equal(at(await quick.json(), "id"), 1);
  const slow = await send(served.url, CALL);
  assert.equal(slow.headers.get("content-type"), "text/event-stream");
  gate.open();
  assert.equal(at(await readEvents(slow), 0, "result", "content", 0, "text"), "open");
});

Deno.test("over TCP: progress comes while the call runs, and stops at the answer", async () => {
  const gate = createGate();
  await using served = serveTools([gate.tool], { heartbeatMs: 5 });
  const params = { name: "gate", _meta: { progressToken: "t" } };
  const response = await send(served.url, request(1, "tools/call", params));
  const texts = response.body?.pipeThrough(new TextDecoderStream());
  let text = "";
  for await (const chunk of texts ?? []) {
    text += chunk;
    if ((text.match(/notifications\/progress/g)?.length ?? 0) >= 3) gate.open();
  }
  const events = text.split("\n\n").filter((event) => event !== "")
    .map((event) => JSON.parse(event.replace("event: message\ndata: ", "")));
  const progress = events.slice(0, -1).map((event) => Number(at(event, "params", "progress")));
  assert.ok(progress.length >= 3);
  assert.deepEqual(progress, [...new Set(progress)].sort((a, b) => a - b));
  assert.equal(at(events.at(-1), "id"), 1);
});

for (const [when, graceMs] of [["its event stream", 0], ["its connection at once", 50]] as const) {
  Deno.test(`over TCP: a modern client that closes ${when} ends its call`, async () => {
    const gate = createGate();
    await using served = serveTools([gate.tool], { graceMs });
    const client = new AbortController();
    const answer = send(served.url, MODERN_CALL, modernHeaders(MODERN_CALL), client.signal);
    await gate.whenBegun(1);
    const { signal } = gate.begun[0] ?? assert.fail();
    const ended = new Promise((resolve) => signal.addEventListener("abort", resolve));
    if (graceMs === 0) await answer;
    client.abort();
    await assert.rejects(answer.then((response) => response.text()));
    await ended;
  });
}

Deno.test("over TCP: a legacy client that closes its connection does not end its call", async () => {
  const gate = createGate();
  const outcomes: string[] = [];
  await using served = serveTools([gate.tool], {
    graceMs: 0,
    onCall: ({ outcome }) => outcomes.push(outcome),
  });
  const client = new AbortController();
  const response = await send(served.url, CALL, {}, client.signal);
  client.abort();
  await assert.rejects(response.text());
  // A modern client that leaves behind it ends its own call, so the server has seen both leave.
  const other = new AbortController();
  const answer = send(served.url, MODERN_CALL, modernHeaders(MODERN_CALL), other.signal);
  await gate.whenBegun(2);
  other.abort();
  await assert.rejects(answer.then((answer) => answer.text()));
  await until(() => outcomes.length === 1);
  assert.deepEqual(gate.begun.map(({ signal }) => signal.aborted), [false, true]);
  gate.open();
  await until(() => outcomes.length === 2);
  assert.equal(outcomes[1], "ok");
});

Deno.test("over TCP: of two legacy clients with equal request ids, each cancels its own", async () => {
  const gate = createGate();
  await using served = serveTools([gate.tool]);
  const ann = await beginSession(served.url);
  const bob = await beginSession(served.url);
  const answers = [send(served.url, CALL, ann)];
  await gate.whenBegun(1);
  answers.push(send(served.url, CALL, bob));
  await gate.whenBegun(2);
  const cancel = request(undefined, "notifications/cancelled", { requestId: 1 });
  const cancelled = await send(served.url, cancel, ann);
  assert.equal(cancelled.status, 202);
  assert.equal(await cancelled.text(), "");
  assert.deepEqual(gate.begun.map(({ signal }) => signal.aborted), [true, false]);
  gate.open();
  const [first, second] = await Promise.all(answers);
  assert.equal(await first?.text(), "");
  assert.match(await second?.text() ?? "", /open/);
});

/** Opens a connection and sends a POST's head; the body is up to the caller. */
async function openPost(url: string, framing: string): Promise<Deno.TcpConn> {
  const connection = await Deno.connect({ hostname: "127.0.0.1", port: Number(new URL(url).port) });
  const head = "POST /mcp HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n";
  await connection.write(new TextEncoder().encode(`${head}${framing}\r\n\r\n`));
  return connection;
}

Deno.test("over TCP: an endless body is refused while it comes, and its connection closed", async () => {
  await using served = serveTools([createGate().tool]);
  using connection = await openPost(served.url, "transfer-encoding: chunked");
  const chunk = new TextEncoder().encode(`C350\r\n${"x".repeat(50_000)}\r\n`);
  const refused = assert.rejects(async () => {
    for (;;) await connection.write(chunk);
  });
  const answer = new Uint8Array(100);
  await connection.read(answer);
  assert.match(new TextDecoder().decode(answer), /^HTTP\/1.1 413 /);
  await refused;
});

Deno.test("over TCP: a client that leaves in the middle of its body leaves nothing behind", async () => {
  await using served = serveTools([echo]);
  const connection = await openPost(served.url, "content-length: 100000");
  connection.close();
  const response = await send(served.url, request(1, "ping"));
  assert.equal(response.status, 200);
  await response.body?.cancel();
});
