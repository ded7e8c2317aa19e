import assert from "node:assert/strict";
import { startBackend } from "../lab/backend.ts";
import { sessionDialect } from "../lab/dialect.ts";
import { at, modernHeaders, modernRequest, request } from "../mcp/wire.ts";
import { postTo, untilListening } from "./client.ts";
import { startProgram, temporaryFile } from "./program.ts";

const TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
const PARAMS = { name: "remote_shell", arguments: { host: "here", command: "true" } };

const LEGACY = request(1, "tools/call", PARAMS);
const MODERN = modernRequest(1, "tools/call", PARAMS, { traceparent: TRACE });

for (
  const [what, message, headers] of [
    ["in _meta", MODERN, modernHeaders(MODERN)],
    ["in a header", LEGACY, { traceparent: TRACE }],
  ] as const
) {
  for (const [era, dialect] of [["modern", undefined], ["legacy", sessionDialect]] as const) {
    Deno.test(`a trace ${what} reaches a ${era} backend and the audit trail`, async () => {
      await using backend = await startBackend(dialect === undefined ? {} : { dialect });
      await using registry = await temporaryFile("hosts.conf", `here - ${backend.url} -\n`);
      await using hub = startProgram({ env: { LMCP_HUB_BACKENDS: registry.path } });
      await untilListening(hub.port);
      const response = await postTo(hub.url, message, { headers });
      await response.text();
      const calls = backend.requests.filter(({ method }) => method === "tools/call");
      assert.equal(at(calls.at(-1)?.params, "_meta", "traceparent"), TRACE);
      hub.kill("SIGTERM");
      assert.match((await hub.ended).stderr, new RegExp(`"traceparent":"${TRACE}"`));
    });
  }
}
