import {
  Client,
  type OAuthClientProvider,
  StreamableHTTPClientTransport,
  UnauthorizedError,
} from "@modelcontextprotocol/client";
import assert from "node:assert/strict";
import { dirname } from "node:path";
import { untilListening } from "../../e2e/client.ts";
import { CANNOT_WRITE_ELSEWHERE, startProgram, temporaryFile } from "../../e2e/program.ts";
import { freePort } from "../../free_port.ts";
import { at } from "../../mcp/wire.ts";
import { signIn, startAuthorizationServer } from "./authorization_server.ts";

/** Where a person comes back to; nothing needs to listen there. */
const REDIRECT = "http://127.0.0.1:9/callback";

/** What a client keeps of a flow, and where it sends a person. */
function createProvider() {
  const kept: {
    client?: Awaited<ReturnType<OAuthClientProvider["clientInformation"]>>;
    tokens?: Awaited<ReturnType<OAuthClientProvider["tokens"]>>;
    verifier: string;
    sentTo: URL | null;
  } = { verifier: "", sentTo: null };
  const provider: OAuthClientProvider = {
    redirectUrl: REDIRECT,
    clientMetadata: { client_name: "test", redirect_uris: [REDIRECT] },
    clientInformation: () => kept.client,
    saveClientInformation: (client) => {
      kept.client = client;
    },
    tokens: () => kept.tokens,
    saveTokens: (tokens) => {
      kept.tokens = tokens;
    },
    redirectToAuthorization: (url) => {
      kept.sentTo = url;
    },
    saveCodeVerifier: (verifier) => {
      kept.verifier = verifier;
    },
    codeVerifier: () => kept.verifier,
  };
  return { kept, provider };
}

/** Goes through the whole flow as a person, up to a client that is connected. */
async function connect(url: URL, login: string) {
  const { kept, provider } = createProvider();
  const open = () => new StreamableHTTPClientTransport(url, { authProvider: provider });
  const transport = open();
  const refused = new Client({ name: "test", version: "1.0.0" }).connect(transport);
  await assert.rejects(refused, UnauthorizedError);
  assert.ok(kept.sentTo !== null);
  const back = await signIn(kept.sentTo, login, REDIRECT);
  await transport.finishAuth(back.searchParams);
  const client = new Client({ name: "test", version: "1.0.0" });
  return { client, kept, connected: client.connect(open()) };
}

Deno.test("SDK v2 finds the authorization server, signs in with PKCE, and calls with its token", {
  ignore: CANNOT_WRITE_ELSEWHERE,
}, async () => {
  await using server = await startAuthorizationServer("mcp");
  const port = freePort();
  const url = new URL(`http://127.0.0.1:${port}/mcp`);
  await using registry = await temporaryFile(
    "hosts.toml",
    `[oauth]
issuer = "${server.issuer}"
audience = "${url}"
claim = "sub"
scopes = ["mcp"]
[clients.ann]
read_only = true
[hosts.tesla]
ssh_host = "tesla.invalid"
`,
  );
  const audit = `${dirname(registry.path)}/audit.jsonl`;
  await using hub = startProgram({
    args: ["--port", `${port}`, "--registry", registry.path],
    env: { LMCP_HUB_CONF: "", LMCP_HUB_AUDIT: audit },
    writes: dirname(audit),
  });
  await untilListening(port);

  const { client, kept, connected } = await connect(url, "ann");
  await connected;
  const { tools } = await client.listTools();
  const names = tools.map(({ name }) => name);
  assert.ok(names.includes("remote_read_file") && !names.includes("remote_write_file"));
  const result = await client.callTool({
    name: "remote_read_file",
    arguments: { host: "tesla", path: `/tmp/${kept.tokens?.access_token}` },
  });
  assert.match(String(at(result, "content", 0, "text")), /tesla/);
  await client.close();

  const stranger = await connect(url, "eve");
  await assert.rejects(stranger.connected, /names no client of this hub/);
  await stranger.client.close();

  hub.kill("SIGTERM");
  const { stderr } = await hub.ended;
  const lines = (await Deno.readTextFile(audit)).trimEnd().split("\n").map((line) =>
    JSON.parse(line)
  );
  const ended = lines.find(({ event, tool }) => event === "ended" && tool === "remote_read_file");
  assert.equal(ended.principal, "ann");
  assert.equal(ended.arguments.path, "/tmp/[secret]");
  const denied = lines.filter(({ event }) => event === "denied");
  assert.deepEqual(new Set(denied.map(({ claimed }) => claimed)), new Set([undefined, "eve"]));
  for (const token of [kept.tokens?.access_token, stranger.kept.tokens?.access_token]) {
    const [, , signature = ""] = (token ?? "").split(".");
    assert.ok(signature.length > 40);
    assert.ok(!(stderr + JSON.stringify(lines)).includes(signature));
  }
});
