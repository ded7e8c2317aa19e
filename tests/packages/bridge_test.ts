import assert from "node:assert/strict";
import { NOT_APPLIED } from "../../lib/fleet/outcome.ts";
import { runBridge } from "../../scripts/mcpb/bridge/bridge.ts";
import { readEvents } from "../../scripts/mcpb/bridge/events.ts";
import { NOT_APPLIED as LISTED } from "../../scripts/mcpb/bridge/failure.ts";
import { headersOf } from "../../scripts/mcpb/bridge/headers.ts";
import { readSettings, SettingsError } from "../../scripts/mcpb/bridge/settings.ts";
import { freePort } from "../free_port.ts";
import { at, request } from "../mcp/wire.ts";

const CALL = request(1, "tools/call", { name: "remote_shell", arguments: { command: "id" } });
const HASTY = { opening: 0, later: 0, pause: 1 };

/** What a client gets when it writes these lines and ends; each parsed. */
async function exchange(port: number, lines: readonly string[]): Promise<unknown[]> {
  const written: string[] = [];
  await runBridge({
    settings: readSettings({ LMCP_BRIDGE_URL: `http://127.0.0.1:${port}` }),
    input: chunksOf(lines.map((line) => `${line}\n`).join("")),
    write: (line) => {
      written.push(line);
      return Promise.resolve();
    },
    patience: HASTY,
  });
  return written.map((line) => JSON.parse(line));
}

/** A text in pieces that part characters and lines. */
async function* chunksOf(text: string, size = 3): AsyncGenerator<Uint8Array> {
  const bytes = new TextEncoder().encode(text);
  for (let start = 0; start < bytes.length; start += size) {
    yield await Promise.resolve(bytes.slice(start, start + size));
  }
}

/** A hub that answers each connection with these bytes and closes; it counts requests. */
interface RawHub extends AsyncDisposable {
  readonly port: number;
  readonly requests: readonly string[];
}

function serveRaw(answer: string): RawHub {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const requests: string[] = [];
  const serving = (async () => {
    for await (const connection of listener) {
      const buffer = new Uint8Array(65_536);
      let text = "";
      while (!text.includes('"id"')) {
        const size = await connection.read(buffer);
        if (size === null) break;
        text += new TextDecoder().decode(buffer.subarray(0, size));
      }
      requests.push(text);
      await connection.write(new TextEncoder().encode(answer));
      connection.close();
    }
  })();
  return {
    port: listener.addr.port,
    requests,
    [Symbol.asyncDispose]: async () => {
      listener.close();
      await serving;
    },
  };
}

function http(status: string, type: string, body: string, length = body.length): string {
  return `HTTP/1.1 ${status}\r\ncontent-type: ${type}\r\ncontent-length: ${length}\r\n\r\n${body}`;
}

const NOT_RUN = /\. The call did not run$/;
const UNKNOWN = /\. It is not known whether the call ran: look at the host before you repeat it$/;
const RESULT = JSON.stringify({ jsonrpc: "2.0", id: 1, result: {} });

const FAILURES = [
  ["", UNKNOWN, "it closes the connection"],
  [http("502 Bad Gateway", "text/html", "<html>"), UNKNOWN, "a proxy gives up"],
  [http("302 Found", "text/html", ""), UNKNOWN, "it redirects"],
  [http("401 Unauthorized", "text/plain", "no"), NOT_RUN, "it refuses the token"],
  [http("413 Content Too Large", "text/html", ""), NOT_RUN, "the message is too large"],
  [http("200 OK", "text/html", "<html>"), UNKNOWN, "it is no MCP server"],
  [http("200 OK", "application/json", RESULT, 9000), UNKNOWN, "the answer breaks off"],
  [http("200 OK", "application/json", RESULT.replace("1,", "2,")), UNKNOWN, "another id"],
  [http("200 OK", "text/event-stream", ": hello\n\n"), UNKNOWN, "the stream ends early"],
  [http("200 OK", "text/event-stream", `data: ${RESULT}\n`), UNKNOWN, "the event is not finished"],
] as const;

for (const [answer, expected, name] of FAILURES) {
  Deno.test(`the bridge sends a call once and says whether it ran: ${name}`, async () => {
    await using hub = serveRaw(answer);
    const [message, ...others] = await exchange(hub.port, [JSON.stringify(CALL)]);
    assert.deepEqual([at(message, "id"), others], [1, []]);
    assert.match(String(at(message, "error", "message")), expected);
    assert.equal(hub.requests.length, 1);
  });
}

Deno.test("the bridge says that a call did not run where nobody listens", async () => {
  const [message] = await exchange(freePort(), [JSON.stringify(CALL)]);
  assert.match(String(at(message, "error", "message")), NOT_RUN);
});

Deno.test("the bridge passes messages on as lines, whatever form they have", async () => {
  const pretty = JSON.stringify({ jsonrpc: "2.0", id: 1, result: { text: "grün\n" } }, null, 2);
  const note = JSON.stringify({ jsonrpc: "2.0", method: "notifications/progress" });
  const stream = `\ufeff: hello\r\n\r\ndata:${note}\r\n\r\nevent: ping\r\ndata: {}\r\n\r\n` +
    `${pretty.replace(/^/gm, "data: ")}\r\n\r\n`;
  const bytes = new TextEncoder().encode(stream).length;
  await using hub = serveRaw(http("200 OK", "text/event-stream", stream, bytes));
  assert.deepEqual(await exchange(hub.port, [JSON.stringify(CALL)]), [
    JSON.parse(note),
    JSON.parse(pretty),
  ]);
});

Deno.test("the bridge answers what is no JSON, and skips blank lines", async () => {
  const [message, ...others] = await exchange(freePort(), ["", "{", "\r"]);
  assert.deepEqual([at(message, "id"), at(message, "error", "code"), others], [null, -32700, []]);
});

Deno.test("readEvents() reads events in pieces of any size", async () => {
  for (const size of [1, 2, 7, 100]) {
    const text = "data: größer\ndata\ndata:  b\n\nid: 1\n\nevent: x\ndata: no\n\ndata: last";
    assert.deepEqual(await Array.fromAsync(readEvents(chunksOf(text, size))), ["größer\n\n b"]);
  }
});

Deno.test("headersOf() has what the revision asks for", () => {
  const agreed = { version: "2025-11-25", sessionId: "s" };
  const legacy = headersOf({ id: 1, method: "tools/list", params: {} }, agreed);
  assert.deepEqual([legacy["mcp-protocol-version"], legacy["mcp-session-id"]], ["2025-11-25", "s"]);
  const first = headersOf({ id: 1, method: "initialize", params: {} }, agreed);
  assert.equal(first["mcp-protocol-version"], undefined);
  const _meta = { "io.modelcontextprotocol/protocolVersion": "2026-07-28" };
  const modern = headersOf(
    { id: 1, method: "tools/call", params: { name: "größe", _meta } },
    agreed,
  );
  assert.deepEqual(
    [modern["mcp-protocol-version"], modern["mcp-session-id"], modern["mcp-method"]],
    ["2026-07-28", undefined, "tools/call"],
  );
  assert.equal(modern["mcp-name"], "=?base64?Z3LDtsOfZQ==?=");
});

Deno.test("readSettings() refuses what cannot work, and leaves out what is not set", () => {
  const url = "https://hub.example.org/mcp?results=structured";
  const settings = readSettings({
    LMCP_BRIDGE_URL: url,
    LMCP_BRIDGE_TOKEN: "${user_config.token}",
    LMCP_BRIDGE_CA: "",
  });
  assert.deepEqual([settings.url.href, settings.token, settings.ca], [url, null, null]);
  for (const bad of [undefined, "", "hub:8090", "ftp://hub", "https://me:secret@hub/"]) {
    assert.throws(
      () => readSettings({ LMCP_BRIDGE_URL: bad }),
      (error) => error instanceof SettingsError && !error.message.includes("secret"),
      bad,
    );
  }
});

Deno.test("the bridge knows the same statuses as the hub by which nothing was run", () => {
  assert.deepEqual(LISTED, NOT_APPLIED);
});
