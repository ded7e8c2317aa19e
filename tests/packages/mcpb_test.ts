import { Client } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import assert from "node:assert/strict";
import { makeCertificate } from "../certificate.ts";
import { testWithNpm } from "../clients/npm.ts";
import { untilListening } from "../e2e/client.ts";
import { startFleet } from "../e2e/fleet.ts";
import { startProgram } from "../e2e/program.ts";
import { freePort } from "../free_port.ts";
import { at } from "../mcp/wire.ts";
import { findProcesses, uniqueSleep, until } from "../processes.ts";
import { resolveCommand, unpackBundle } from "./bundle.ts";

const INFO = { name: "test-client", version: "1.0.0" };
const TOKEN = "a-token-that-nobody-may-see";
const MODES = [
  ["legacy", "legacy", "2025-11-25"],
  ["auto", "auto", "2026-07-28"],
] as const;

/** A client connected through the bundle, started as the settings of its user say. */
interface Connection extends AsyncDisposable {
  readonly client: Client;
  readonly pid: number;
}

async function connect(
  folder: string,
  settings: Readonly<Record<string, string>>,
  mode: "legacy" | "auto" = "auto",
): Promise<Connection> {
  const transport = new StdioClientTransport({
    ...await resolveCommand(folder, settings),
    stderr: "ignore",
  });
  const client = new Client(INFO, { versionNegotiation: { mode } });
  try {
    await client.connect(transport);
  } catch (error) {
    await transport.close();
    throw error;
  }
  return { client, pid: transport.pid ?? 0, [Symbol.asyncDispose]: () => client.close() };
}

/** Closing the SDK's stdio transport leaves the timer that would kill the server. */
function testBundle(name: string, fn: () => Promise<void>): void {
  testWithNpm(name, fn, { sanitizeOps: false, sanitizeResources: false });
}

testWithNpm("the bundle is valid, and the same whenever it is made", async () => {
  await using bundle = await unpackBundle();
  await using again = await unpackBundle();
  assert.match(await bundle.mcpb("validate", `${bundle.folder}/manifest.json`), /passes/);
  assert.match(await bundle.mcpb("info", bundle.file), /lmcp-hub\.mcpb/);
  assert.equal(bundle.sha256, again.sha256);
  const manifest: unknown = JSON.parse(await Deno.readTextFile(`${bundle.folder}/manifest.json`));
  assert.equal(at(manifest, "user_config", "token", "sensitive"), true);
  const start = JSON.stringify(at(manifest, "server", "mcp_config", "args"));
  assert.doesNotMatch(start, /user_config/);
});

for (const [name, mode, version] of MODES) {
  testBundle(`the bundle connects a client to a hub, ${name}`, async () => {
    await using bundle = await unpackBundle();
    await using fleet = await startFleet({ env: { LMCP_TOKEN: TOKEN } });
    // The path of the endpoint may be left out, and what is pasted has blanks around it.
    const url = ` ${fleet.hub.url.replace("/mcp", "")} `;
    await using connection = await connect(bundle.folder, { url, token: `${TOKEN}\n` }, mode);
    const { client, pid } = connection;
    assert.equal(client.getNegotiatedProtocolVersion(), version);
    assert.equal((await client.listTools()).tools.length, 16);
    const text = await callShell(client, "printf 'größer\\n%.0s' $(seq 3000)");
    assert.equal(text.replace(/^\[rc=0\]\n/, ""), "größer\n".repeat(3000));
    // What takes longer is answered as an event stream.
    assert.match(await callShell(client, "sleep 0.4; echo late"), /late\n$/);
    assert.deepEqual(await findProcesses(TOKEN), []);
    assert.match(await Deno.readTextFile(`/proc/${pid}/environ`), new RegExp(TOKEN));
  });

  testBundle(`a call that is cancelled through the bundle ends on its host, ${name}`, async () => {
    await using bundle = await unpackBundle();
    await using fleet = await startFleet();
    await using connection = await connect(bundle.folder, { url: fleet.hub.url }, mode);
    const sleep = `sleep ${uniqueSleep(60)}`;
    const cancel = new AbortController();
    const call = connection.client.callTool(
      { name: "remote_shell", arguments: { host: "here", command: `${sleep}; true` } },
      { signal: cancel.signal },
    ).then(() => "answered", () => "failed");
    await until(async () => (await findProcesses(sleep)).length > 0);
    cancel.abort();
    assert.equal(await call, "failed");
    await until(async () => (await findProcesses(sleep)).length === 0);
    assert.match(await callShell(connection.client, "echo on"), /on\n$/);
  });
}

async function callShell(client: Client, command: string): Promise<string> {
  const result = await client.callTool({
    name: "remote_shell",
    arguments: { host: "here", command, max_chars: 0 },
  });
  return String(at(result, "content", 0, "text"));
}

testBundle("the bundle says what is wrong with its settings, and never the token", async () => {
  await using bundle = await unpackBundle();
  await using fleet = await startFleet({ env: { LMCP_TOKEN: TOKEN } });
  const { url } = fleet.hub;
  const wrong = "another-t0ken";
  const cases = [
    [{ url, token: wrong }, / refuses the token in the settings of this extension/],
    [{ url }, / needs a token: set it in the settings of this extension/],
    [{ url, token: `${wrong} ${wrong}` }, /the token contains blanks/],
    [
      { url: "hub.example.org" },
      /must start with https:\/\/ or http:\/\/, unlike "hub\.example\.org"/,
    ],
    [{ url: `${url}x`, token: TOKEN }, /HTTP 404: Nothing is here: MCP is served at \/mcp/],
    [{ url, ca: "/no where/ca.pem" }, /the file of certificates cannot be read: ENOENT.*no where/],
  ] as const;
  for (const [settings, expected] of cases) {
    await assert.rejects(connect(bundle.folder, settings, "legacy"), (error: unknown) => {
      const message = String(error);
      assert.match(message, expected);
      assert.ok(!message.includes(wrong) && !message.includes(TOKEN), message);
      return true;
    });
  }
});

testBundle(
  "the bundle waits for a hub that is away, and finds one that was restarted",
  async () => {
    await using bundle = await unpackBundle();
    const port = freePort();
    const start = () =>
      startProgram({ args: ["--registry", "/none"], env: { LMCP_PORT: String(port) } });
    const connecting = connect(bundle.folder, { url: `http://127.0.0.1:${port}` });
    // It runs, and not only what is asked how to start it: it has been refused when a hub listens.
    await until(async () => (await findProcesses(`${bundle.folder}/server/`)).length > 0);
    {
      await using _hub = start();
      await untilListening(port);
      await connecting;
    }
    await using connection = await connecting;
    const listing = connection.client.listTools();
    await using _hub = start();
    assert.equal((await listing).tools.length, 16);
  },
);

testBundle("the bundle trusts a certificate of a private authority that it is given", async () => {
  await using bundle = await unpackBundle();
  await using certificate = await makeCertificate();
  await Deno.mkdir(`${certificate.directory}/my certificates`);
  const ca = `${certificate.directory}/my certificates/ca.pem`;
  await Deno.copyFile(`${certificate.directory}/cert.pem`, ca);
  await using hub = startProgram({ args: ["--registry", "/none"], env: certificate.env });
  await untilListening(hub.port);
  const url = `https://127.0.0.1:${hub.port}`;
  await using connection = await connect(bundle.folder, { url, ca });
  assert.equal((await connection.client.listTools()).tools.length, 16);
  await assert.rejects(connect(bundle.folder, { url }, "legacy"), /Cannot reach .*certificate/);
});
