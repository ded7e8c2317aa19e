import assert from "node:assert/strict";
import { once } from "node:events";
import http2 from "node:http2";
import { z } from "zod";
import { defineTool } from "../../lib/mcp/tool.ts";
import { createFakeClock, type FakeClock } from "../base/time/fake_clock.ts";
import { serveTools } from "../mcp/served.ts";
import { at, request } from "../mcp/wire.ts";
import { until } from "../processes.ts";

const MIB = 1024 * 1024;
const SIZE = 7 * MIB;

const big = defineTool({
  name: "big",
  title: "Big",
  description: "Give a long text",
  input: z.object({}),
  readOnly: true,
  run: () => Promise.resolve({ content: [{ type: "text", text: "x".repeat(SIZE) }] }),
});

/** A server that has room for two answers of `big`, and a clock that stands still. */
function serveBig(): { readonly clock: FakeClock; readonly served: ReturnType<typeof serveTools> } {
  const clock = createFakeClock();
  return { clock, served: serveTools([big], { clock, maxAnswerBytes: 16 * MIB }) };
}

const CALL = JSON.stringify(request(1, "tools/call", { name: "big" }));

/** Asks for a long answer, and reads its beginning alone. */
async function askAndStall(url: string): Promise<Deno.TcpConn> {
  const connection = await Deno.connect({ hostname: "127.0.0.1", port: Number(new URL(url).port) });
  const head = "POST /mcp HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n" +
    `content-length: ${CALL.length}\r\n\r\n`;
  await connection.write(new TextEncoder().encode(head + CALL));
  const start = new Uint8Array(1_000);
  await connection.read(start);
  assert.match(
    new TextDecoder().decode(start),
    /^HTTP\/1\.1 200 OK\r\n(.*\r\n)*content-length: 7\d{6}\r\n/,
  );
  return connection;
}

async function ask(
  url: string,
): Promise<{ readonly text: string; readonly length: string | null }> {
  const headers = { "content-type": "application/json" };
  const response = await fetch(url, { method: "POST", headers, body: CALL });
  const text = String(at(await response.json(), "result", "content", 0, "text"));
  return { text, length: response.headers.get("content-length") };
}

Deno.test("over TCP: a long answer arrives whole, and its length is announced", async () => {
  const { served } = serveBig();
  await using _served = served;
  const { text, length } = await ask(served.url);
  assert.equal(text.length, SIZE);
  assert.ok(Number(length) > SIZE);
});

Deno.test("over TCP: answers that nobody reads hold their bytes for 30 s, and no longer", async () => {
  const { clock, served } = serveBig();
  await using _served = served;
  const connections = [await askAndStall(served.url), await askAndStall(served.url)];
  assert.match((await ask(served.url)).text, /^Error: too many large answers wait to be read/);
  clock.advance(29_000);
  assert.match((await ask(served.url)).text, /^Error: too many large answers/);
  clock.advance(1_000);
  assert.equal((await ask(served.url)).text.length, SIZE);
  for (const connection of connections) connection.close();
});

Deno.test("over TCP: the rest of an answer is let go when its client leaves", async () => {
  const { served } = serveBig();
  await using _served = served;
  const connections = [await askAndStall(served.url), await askAndStall(served.url)];
  assert.match((await ask(served.url)).text, /^Error: too many large answers/);
  for (const connection of connections) connection.close();
  await until(async () => (await ask(served.url)).text.length === SIZE);
});

/** The statuses of requests on one HTTP/2 connection whose client reads no body. */
async function statusesOverHttp2(url: string, count: number): Promise<unknown[]> {
  const session = http2.connect(new URL(url).origin, { settings: { initialWindowSize: 0 } });
  await once(session, "remoteSettings");
  const statuses = Array.from({ length: count }, async () => {
    const stream = session.request({
      ":method": "POST",
      ":path": "/mcp",
      "content-type": "application/json",
    });
    stream.end(JSON.stringify(request(1, "tools/list")));
    const [headers] = await once(stream, "response");
    return headers[":status"];
  });
  try {
    return await Promise.all(statuses);
  } finally {
    session.destroy();
  }
}

Deno.test("over HTTP/2: one client has half of the places for requests, until their answers are read", async () => {
  await using served = serveTools([big], { maxRequests: 6 });
  const statuses = await statusesOverHttp2(served.url, 8);
  assert.deepEqual(statuses.toSorted(), [200, 200, 200, 429, 429, 429, 429, 429]);
  await until(async () => (await statusesOverHttp2(served.url, 1))[0] === 200);
});
