import assert from "node:assert/strict";
import { createServer } from "../../../lib/mcp/server.ts";
import { serveStdio } from "../../../lib/mcp/stdio.ts";
import { createGate, echo } from "../fixture_tools.ts";
import { at, modernRequest, request } from "../wire.ts";
import { connect } from "./client.ts";

Deno.test("serveStdio() answers both eras over one pipe", async () => {
  const client = connect([echo]);
  await client.send(request(1, "initialize", { protocolVersion: "2025-06-18" }));
  assert.equal(at(await client.receive(), "result", "protocolVersion"), "2025-06-18");
  await client.send(request(undefined, "notifications/initialized"));
  await client.send(modernRequest(2, "server/discover"));
  assert.deepEqual(at(await client.receive(), "result", "supportedVersions"), ["2026-07-28"]);
  await client.end();
  await client.ended;
});

Deno.test("serveStdio() answers 100 calls side by side, as they end", async () => {
  const gate = createGate();
  const client = connect([gate.tool, echo]);
  for (let id = 0; id < 100; id += 1) {
    await client.send(request(id, "tools/call", { name: "gate" }));
  }
  await gate.whenBegun(100);
  await client.send(request("quick", "tools/call", { name: "echo" }));
  assert.equal(at(await client.receive(), "id"), "quick");
  gate.open();
  const ids = new Set<unknown>();
  for (let count = 0; count < 100; count += 1) ids.add(at(await client.receive(), "id"));
  assert.equal(ids.size, 100);
  await client.end();
  await client.ended;
});

Deno.test("serveStdio() sends progress, and none after the answer", async () => {
  const gate = createGate();
  const client = connect([gate.tool], { heartbeatMs: 5 });
  await client.send(request(1, "tools/call", { name: "gate", _meta: { progressToken: 9 } }));
  for (const expected of [0, 1, 2]) {
    const params = at(await client.receive(), "params");
    assert.equal(at(params, "progressToken"), 9);
    assert.ok(Number(at(params, "progress")) * 1_000 >= expected);
  }
  gate.open();
  let last: unknown;
  do last = await client.receive(); while (at(last, "method") === "notifications/progress");
  assert.equal(at(last, "id"), 1);
  await client.send(request(2, "ping"));
  assert.equal(at(await client.receive(), "id"), 2);
  await client.end();
  await client.ended;
});

for (
  const [era, call] of [
    ["legacy", request(1, "tools/call", { name: "gate" })],
    ["modern", modernRequest(1, "tools/call", { name: "gate" })],
  ] as const
) {
  Deno.test(`serveStdio() ends a ${era} call that is cancelled, unanswered`, async () => {
    const gate = createGate();
    const client = connect([gate.tool]);
    await client.send(call);
    await gate.whenBegun(1);
    await client.send(request(undefined, "notifications/cancelled", { requestId: 1 }));
    await client.send(request(2, "ping"));
    assert.equal(at(await client.receive(), "id"), 2);
    assert.equal(gate.begun[0]?.signal.aborted, true);
    await client.end();
    await client.ended;
  });
}

const BAD: readonly (readonly [string, string | Uint8Array, number])[] = [
  ["no JSON", "{\n", -32700],
  ["a line cut off", '{"jsonrpc"\r\n', -32700],
  ["no UTF-8", new Uint8Array([0xff, 0x0a]), -32700],
  ["a batch", "[]\n", -32600],
  ["a line too long", `"${"x".repeat(5_000)}"\n`, -32600],
];

for (const [what, line, code] of BAD) {
  Deno.test(`serveStdio() answers ${what} with ${code} and id null, and reads on`, async () => {
    const client = connect([echo]);
    await client.sendText(line);
    const answer = await client.receive();
    assert.equal(at(answer, "error", "code"), code);
    assert.equal(at(answer, "id"), null);
    await client.send(request(1, "ping"));
    assert.equal(at(await client.receive(), "id"), 1);
    await client.end();
    await client.ended;
  });
}

const PING = JSON.stringify(request(1, "ping"));

for (
  const [what, text] of [
    ["a line that ends in CRLF", `${PING}\r\n`],
    ["blank lines", `\n\r\n  \n${PING}\n\n`],
    ["a byte order mark", `\uFEFF${PING}\n`],
    ["a byte order mark on a line of its own", `\uFEFF\n${PING}\n`],
    ["a last line without end", PING],
    ["a last line that ends in CR", `${PING}\r`],
  ] as const
) {
  Deno.test(`serveStdio() accepts ${what}`, async () => {
    const client = connect([echo]);
    const written = client.sendText(text);
    const closed = client.end();
    assert.equal(at(await client.receive(), "id"), 1);
    await Promise.all([written, closed, client.ended]);
    await client.close();
    assert.equal((await client.answers.read()).done, true);
  });
}

Deno.test("serveStdio() reports a bug of one message, and goes on with the others", async () => {
  const reported: unknown[] = [];
  const report = (event: ErrorEvent) => {
    event.preventDefault();
    reported.push(event.error);
  };
  globalThis.addEventListener("error", report);
  const bug = new Error("a bug");
  const fromClient = new TransformStream<Uint8Array, Uint8Array>();
  const toClient = new TransformStream<Uint8Array, Uint8Array>();
  const server = createServer({ name: "s", version: "1", tools: () => [], log() {} });
  const ended = serveStdio({
    server: {
      ...server,
      handle: (text, caller) =>
        text.includes("bad") ? Promise.reject(bug) : server.handle(text, caller),
    },
    input: fromClient.readable,
    output: toClient.writable,
    principal: "ann",
    signal: new AbortController().signal,
  });
  const text = new Response(toClient.readable).text();
  const client = fromClient.writable.getWriter();
  for (const [id, method] of [[1, "bad"], [2, "ping"]] as const) {
    await client.write(new TextEncoder().encode(`${JSON.stringify(request(id, method))}\n`));
  }
  await client.close();
  await ended;
  await toClient.writable.close();
  assert.deepEqual(JSON.parse(await text), { jsonrpc: "2.0", id: 2, result: {} });
  assert.deepEqual(reported, [bug]);
  globalThis.removeEventListener("error", report);
});
