import { createMCPClient } from "@ai-sdk/mcp";
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { Client as ClientV1 } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport as StdioTransportV1 } from "@modelcontextprotocol/sdk/client/stdio.js";
import {
  StreamableHTTPClientTransport as HttpTransportV1,
} from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import assert from "node:assert/strict";
import { denoEnv } from "../deno_env.ts";
import { at } from "../mcp/wire.ts";
import { serveRecorded } from "./recorder.ts";

const LEGACY = "2025-11-25";
const MODERN = "2026-07-28";

const INFO = { name: "test-client", version: "1.0.0" };
const CALL = { name: "echo", arguments: { text: "hi" } };
/** The SDKs start a server with little of their environment; Deno looks for its cache there. */
const STDIO_SERVER = {
  env: denoEnv(),
  command: Deno.execPath(),
  args: ["run", "--quiet", new URL("stdio_server.ts", import.meta.url).pathname],
};

/** Closing the SDKs' stdio transports leaves the timer that would kill the server. */
const LEAVES_TIMER = { sanitizeOps: false, sanitizeResources: false };
/** @ai-sdk/mcp does not read the body of the 405 that answers its GET. */
const LEAVES_BODY = { sanitizeResources: false };

/** The negotiation modes of the second SDK, and what each must end in. */
const MODES = [
  ["legacy", "legacy", LEGACY],
  ["auto", "auto", MODERN],
  [`pinned to ${MODERN}`, { pin: MODERN }, MODERN],
] as const;

function assertEcho(result: unknown): void {
  assert.deepEqual(JSON.parse(String(at(result, "content", 0, "text"))), { text: "hi" });
}

Deno.test(`SDK v1 over HTTP speaks ${LEGACY}`, async () => {
  await using recorder = serveRecorded();
  const transport = new HttpTransportV1(new URL(recorder.url));
  const client = new ClientV1(INFO);
  await client.connect(transport);
  assert.equal(at(await client.listTools(), "tools", 0, "name"), "echo");
  assertEcho(await client.callTool(CALL));
  assert.equal(transport.protocolVersion, LEGACY);
  assert.match(transport.sessionId ?? "", /^[0-9a-f-]{36}$/);
  assert.equal(recorder.versions.at(-1), LEGACY);
  await client.close();
});

for (const [name, mode, version] of MODES) {
  Deno.test(`SDK v2 over HTTP, ${name}, speaks ${version}`, async () => {
    await using recorder = serveRecorded();
    const client = new Client(INFO, { versionNegotiation: { mode } });
    await client.connect(new StreamableHTTPClientTransport(new URL(recorder.url)));
    assert.equal(at(await client.listTools(), "tools", 0, "name"), "echo");
    assertEcho(await client.callTool(CALL));
    assert.equal(client.getNegotiatedProtocolVersion(), version);
    assert.equal(recorder.versions.at(-1), version);
    await client.close();
  });

  Deno.test(`SDK v2 over stdio, ${name}, speaks ${version}`, LEAVES_TIMER, async () => {
    const client = new Client(INFO, { versionNegotiation: { mode } });
    await client.connect(new StdioClientTransport(STDIO_SERVER));
    assert.equal(at(await client.listTools(), "tools", 0, "name"), "echo");
    assertEcho(await client.callTool(CALL));
    assert.equal(client.getNegotiatedProtocolVersion(), version);
    await client.close();
  });
}

Deno.test("SDK v1 over stdio is served", LEAVES_TIMER, async () => {
  const client = new ClientV1(INFO);
  await client.connect(new StdioTransportV1(STDIO_SERVER));
  assert.equal(client.getServerVersion()?.name, "test-server");
  assertEcho(await client.callTool(CALL));
  await client.close();
});

for (const [protocolVersionDiscovery, version] of [[true, MODERN], [false, LEGACY]] as const) {
  const how = protocolVersionDiscovery ? "with" : "without";
  Deno.test(`@ai-sdk/mcp ${how} discovery speaks ${version}`, LEAVES_BODY, async () => {
    await using recorder = serveRecorded();
    const client = await createMCPClient({
      transport: { type: "http", url: recorder.url },
      protocolVersionDiscovery,
    });
    const { echo } = await client.tools();
    const options = { toolCallId: "1", messages: [], context: {} };
    assertEcho(await echo?.execute?.(CALL.arguments, options));
    assert.equal(client.initializeResult.protocolVersion, version);
    assert.equal(recorder.versions.at(-1), version);
    await client.close();
  });
}
