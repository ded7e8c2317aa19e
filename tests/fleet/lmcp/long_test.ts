import assert from "node:assert/strict";
import type { JsonObject } from "../../../lib/mcp/message.ts";
import { startBackend } from "../../lab/backend.ts";
import type { RpcRequest } from "../../lab/dialect.ts";
import type { Fault, LabExchange } from "../../lab/faults/fault.ts";
import { labHost } from "../../lab/host.ts";
import { httpHead, httpText } from "../../lab/http_text.ts";
import { openHub } from "../../lab/hub.ts";
import { until } from "../../processes.ts";
import { summary } from "../answers.ts";

const MIB = 1024 * 1024;
const STREAM = { "content-type": "text/event-stream" };
/** Longer than what is read at once, with all that JSON may make of a text. */
const TEXT = 'a "line" of \u00fc\u20ac\u{1f600}\t\u0001\\\n\ud83d'.repeat(40_000);
const PROGRESS = { jsonrpc: "2.0", method: "notifications/progress", params: {} };

function answerTo(id: unknown, text = TEXT): string {
  const result = { content: [{ type: "text", text }], structuredContent: { bytes: 1 } };
  return JSON.stringify({ jsonrpc: "2.0", id, result });
}

function event(data: string): string {
  return `event: message\ndata: ${data}\n\n`;
}

/** What a hub answers whose backend answers a call like that. */
async function read(
  strike: (exchange: LabExchange) => Promise<void>,
  options: { readonly maxReadBytes?: number; readonly signal?: AbortSignal } = {},
) {
  const fault: Fault = { name: "long", runs: true, strike };
  const isCall = ({ method }: RpcRequest) => method === "tools/call";
  await using backend = await startBackend({
    behaviour: (request) => isCall(request) ? fault : null,
  });
  const host = labHost({ lmcpUrl: backend.url, sshHost: null });
  await using hub = openHub({ hosts: [host], ...options });
  const args = { host: host.name, path: "/x" };
  return summary(await hub.call("remote_read_file", args, options));
}

/** Whole, and in pieces whose borders fall anywhere. */
const SENT: readonly (readonly [string, (body: string, exchange: LabExchange) => Promise<void>])[] =
  [
    ["at once", (body, { connection }) => connection.send(body)],
    ["in pieces", async (body, { connection }) => {
      const bytes = new TextEncoder().encode(body);
      for (let at = 0; at < bytes.length; at += 99_991) {
        await connection.send(bytes.subarray(at, at + 99_991));
      }
    }],
  ];

for (const [how, send] of SENT) {
  Deno.test(`a long answer that comes ${how} is read exactly, with a length and without`, async () => {
    const { text } = await read((exchange) =>
      send(httpText({ body: answerTo(exchange.request.id) }), exchange)
    );
    assert.ok(text === TEXT);
    const endless = await read(async (exchange) => {
      const head = httpHead({ headers: { connection: "close" } });
      await send(head + answerTo(exchange.request.id), exchange);
      exchange.connection.finish();
    });
    assert.ok(endless.text === TEXT);
  });

  Deno.test(`a long event that comes ${how} is read exactly, behind others and before the end`, async () => {
    const progress = event(JSON.stringify({ ...PROGRESS, params: { message: TEXT } }));
    for (const before of ["", progress, event(answerTo("another")) + progress]) {
      for (const after of ["", event(JSON.stringify(PROGRESS)), progress]) {
        const { text } = await read(async (exchange) => {
          const events = before + event(answerTo(exchange.request.id)) + after;
          await send(httpHead({ headers: STREAM }) + events, exchange);
          if (after === "") exchange.connection.finish();
        });
        assert.ok(text === TEXT, `${before.length} ${after.length}: ${text.slice(0, 200)}`);
      }
    }
  });
}

Deno.test("an event stream that ends after long events of others has no answer", async () => {
  const { text } = await read(async ({ connection }) => {
    await connection.send(httpHead({ headers: STREAM }) + event(answerTo("another")));
    connection.finish();
  });
  assert.match(text, /event stream ended without an answer/);
});

Deno.test("a long event that is no UTF-8 is unreadable, and so is one that is no JSON", async () => {
  const bytes = new TextEncoder().encode(event(answerTo(1, "x".repeat(MIB))));
  for (
    const [bad, reason] of [[0xff, /bad event stream: /], [0x22, /bad json: \{"jsonrpc"/]] as const
  ) {
    const { text } = await read(async ({ connection }) => {
      await connection.send(httpHead({ headers: STREAM }));
      await connection.send(bytes.with(500_001, bad));
      connection.finish();
    });
    assert.match(text, reason);
  }
});

Deno.test("a long answer that is no JSON is shown by its beginning", async () => {
  const { text } = await read(({ connection, request: { id } }) =>
    connection.send(httpText({ body: answerTo(id).slice(0, -1) }))
  );
  const start = answerTo(1).slice(40, 150);
  assert.ok(text.startsWith("Error: lmcp: bad json: ") && text.includes(start), text);
});

Deno.test("a long answer with more than may be is refused as a short one is", async () => {
  const deep = `${"[".repeat(2_000)}${"]".repeat(2_000)}`;
  const { text } = await read(({ connection, request: { id } }) => {
    const body = answerTo(id).replace('"bytes":1', `"bytes":${deep}`);
    return connection.send(httpText({ body }));
  });
  assert.match(text, /^Error: lmcp: bad json: /);
});

Deno.test("an answer that has no room is refused by its announced length, unread", async () => {
  const taken = { bytes: 0 };
  const { text } = await read(async ({ connection }) => {
    await connection.send(httpHead({ headers: { "content-length": String(64 * MIB) } }));
    while (!connection.isClosed) {
      await connection.send("x".repeat(MIB));
      taken.bytes += MIB;
    }
  }, { maxReadBytes: 32 * MIB });
  assert.match(text, /too many large answers are being read at once, try again later/);
  assert.ok(taken.bytes < 24 * MIB, `${taken.bytes}`);
});

Deno.test("a large answer waits until another one has been read, and is read then", async () => {
  const text = "x".repeat(6 * MIB);
  const held = Promise.withResolvers<void>();
  const fault: Fault = {
    name: "two",
    runs: true,
    strike: async ({ connection, request }) => {
      const body = answerTo(request.id, text);
      const length = new TextEncoder().encode(body).length;
      const isFirst = JSON.stringify(request.params).includes("/first");
      await connection.send(httpHead({ headers: { "content-length": String(length) } }));
      await connection.send(body.slice(0, 100));
      if (isFirst) await held.promise;
      await connection.send(body.slice(100));
    },
  };
  await using backend = await startBackend({
    behaviour: ({ method }) => method === "tools/call" ? fault : null,
  });
  const host = labHost({ lmcpUrl: backend.url, sshHost: null });
  await using hub = openHub({ hosts: [host], maxReadBytes: 20 * MIB });
  const call = async (path: string) =>
    summary(await hub.call("remote_read_file", { host: host.name, path })).text;
  const order: string[] = [];
  const first = call("/first").finally(() => order.push("first"));
  await until(() => backend.requests.some(({ params }) => isCallOf(params, "/first")));
  const second = call("/second").finally(() => order.push("second"));
  await until(() => backend.requests.some(({ params }) => isCallOf(params, "/second")));
  held.resolve();
  assert.ok(await first === text && await second === text);
  assert.deepEqual(order, ["first", "second"]);
});

function isCallOf(params: JsonObject, path: string): boolean {
  return JSON.stringify(params).includes(path);
}

Deno.test("an answer that announces more than may be is refused at once", async () => {
  const { text } = await read(async ({ connection }) => {
    await connection.send(httpHead({ headers: { "content-length": String(100 * MIB) } }));
    await connection.closed;
  });
  assert.match(text, /answer larger than 83886080 bytes/);
});

Deno.test("a call that is cancelled while its long answer is read ends as cancelled", async () => {
  const leaving = new AbortController();
  const { text } = await read(async ({ connection, request: { id } }) => {
    const body = answerTo(id, "x".repeat(20 * MIB));
    const { resolve, promise } = Promise.withResolvers<void>();
    await connection.send(httpText({ body }));
    setTimeout(resolve, 0);
    await promise;
    leaving.abort();
  }, { signal: leaving.signal });
  assert.match(text, /cancelled/);
});
