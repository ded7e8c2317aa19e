import assert from "node:assert/strict";
import { startBackend } from "../../lab/backend.ts";
import { modernDialect, plainDialect, sessionDialect } from "../../lab/dialect.ts";
import { labHost } from "../../lab/host.ts";
import { openHub } from "../../lab/hub.ts";

for (
  const [what, dialect] of [
    ["a modern backend", modernDialect],
    ["one with sessions", sessionDialect],
    ["one without", plainDialect],
  ] as const
) {
  Deno.test(`the handshake with ${what}, and the call behind it, share a connection`, async () => {
    await using backend = await startBackend({ dialect });
    const host = labHost({ lmcpUrl: backend.url, sshHost: null });
    await using hub = openHub({ hosts: [host] });
    await hub.call("remote_shell", { host: host.name, command: "true" });
    assert.equal(backend.requests.at(-1)?.method, "tools/call");
    assert.equal(backend.accepted, 1);
  });
}
