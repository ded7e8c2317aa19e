import assert from "node:assert/strict";
import type { ServerSettings } from "../../lib/config/server.ts";
import { type Endpoint, ServeError, serveHttp } from "../../lib/http/listen.ts";
import type { McpServer } from "../../lib/mcp/server.ts";
import { fakeSources } from "../config/fake_sources.ts";

const SETTINGS: ServerSettings = {
  name: "test",
  bind: "127.0.0.1",
  port: 0,
  token: null,
  allowedHosts: [],
  tls: null,
  log: { format: "text", level: "info" },
  nats: null,
};

const SERVER: McpServer = {
  handle: () => Promise.resolve(null),
  maxMessageBytes: () => 1_000,
  runningCalls: () => 0,
  calls: {
    list: () => [],
    end: () => false,
    watch: () => () => {},
    countOf: () => 0,
    cancel() {},
  },
  close: () => Promise.resolve(),
};

const LOG = { error() {}, warn() {}, info() {}, debug() {} };

/** Serves until `stop` aborts, which is at once. */
function serve(settings: Partial<ServerSettings>, endpoint: Partial<Endpoint> = {}) {
  return serveHttp({
    server: SERVER,
    authenticate: () => ({ name: "ann" }),
    settings: { ...SETTINGS, ...settings },
    log: LOG,
    stop: AbortSignal.abort(),
    readTextFile: fakeSources().readTextFile,
    onListen: () => {},
    ...endpoint,
  });
}

/** What serving ends in, as a `ServeError`. */
async function refusal(...args: Parameters<typeof serve>): Promise<string> {
  const error = await serve(...args).then(() => null, (error) => error);
  assert.ok(error instanceof ServeError, String(error));
  return error.message;
}

Deno.test("serveHttp() reports the URL that it listens on", async () => {
  const urls: string[] = [];
  await serve({}, { onListen: (url) => urls.push(url) });
  await serve({ bind: "::1" }, { onListen: (url) => urls.push(url) });
  assert.match(urls.join(" "), /^http:\/\/127\.0\.0\.1:\d+\/mcp http:\/\/\[::1\]:\d+\/mcp$/);
});

Deno.test("serveHttp() says what to do about a port in use", async () => {
  using other = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  assert.match(
    await refusal({ port: other.addr.port }),
    /^Cannot listen on 127\.0\.0\.1 port \d+: the port is in use: .*--port or LMCP_PORT.*ss -ltnp/,
  );
});

for (const bind of ["192.0.2.1", "no-such-name.invalid", "a..b"]) {
  Deno.test(`serveHttp() says what to do about the address ${bind}`, async () => {
    const message = await refusal({ bind });
    assert.ok(message.startsWith(`Cannot listen on ${bind} port 0: `), message);
    assert.match(message, /: choose an address of this machine with --bind or LMCP_HOST$/);
  });
}

Deno.test("serveHttp() reports bad TLS files as what they are, whatever the port", async () => {
  using other = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const settings = {
    port: other.addr.port,
    tls: { certPath: "/cert.pem", keyPath: "/key.pem" },
  };
  const files = { "/cert.pem": "nothing", "/key.pem": "nothing" };
  assert.equal(
    await refusal(settings, { readTextFile: fakeSources({ files }).readTextFile }),
    'Cannot serve HTTPS with certificate "/cert.pem" and key "/key.pem": ' +
      "No certificates found in certificate data",
  );
  assert.equal(await refusal(settings), 'Cannot read "/cert.pem": no such file');
});

Deno.test("serveHttp() passes on what goes wrong while it serves", async () => {
  const bug = new TypeError("a bug");
  const server = { ...SERVER, close: () => Promise.reject(bug) };
  await assert.rejects(serve({}, { server }), bug);
});
