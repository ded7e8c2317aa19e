import assert from "node:assert/strict";
import { expectedRow, FAULT_TABLE, type Known } from "../../fleet/fault_table.ts";
import { freePort } from "../../free_port.ts";
import { startBackend } from "../../lab/backend.ts";
import { sessionDialect } from "../../lab/dialect.ts";
import { createNonce } from "../../lab/executions.ts";
import { createFakeSsh } from "../../lab/fake_ssh.ts";
import type { Fault } from "../../lab/faults/fault.ts";
import { labHost } from "../../lab/host.ts";
import { openHub } from "../../lab/hub.ts";

const CALL = {
  tool: "remote_call_tool",
  backendTool: "own",
  readOnly: false,
  overSsh: false,
  args: () => ({}),
};

/** What comes of a call whose tool list, or the call itself, is struck by a fault. */
async function rowOf(fault: Fault, struck: string, timeouts: object) {
  await using backend = await startBackend({
    dialect: sessionDialect,
    tools: () => ({ tools: [{ name: "own", inputSchema: { type: "object" } }] }),
    behaviour: ({ method }) => method === struck ? fault : null,
  });
  const ssh = createFakeSsh();
  const host = labHost({ lmcpUrl: backend.url, callTools: null, timeouts });
  await using hub = openHub({ hosts: [host], ssh });
  const nonce = createNonce();
  const args = { host: host.name, tool: "own", arguments: { nonce }, timeout: 1 };
  const { isError, structuredContent } = await hub.call("remote_call_tool", args);
  return {
    outcome: structuredContent?.outcome,
    via: structuredContent?.via,
    isError,
    hasFallbackReason: structuredContent?.fallback_reason !== null,
    lmcpRuns: backend.executions.count(nonce),
    sshRuns: ssh.uses.length,
  };
}

/** Long enough for what is not struck. */
const SHORT = { connectMs: 1_000, lmcpMs: 1_500 };

function expected(known: Known) {
  return expectedRow(known, CALL);
}

for (const { fault, call, handshake, waits } of FAULT_TABLE) {
  Deno.test(`remote_call_tool is sent once, whatever comes back: ${fault.name}`, async () => {
    const timeouts = waits ? SHORT : {};
    assert.deepEqual(await rowOf(fault, "tools/call", timeouts), expected(call));
    assert.deepEqual(await rowOf(fault, "tools/list", timeouts), expected(handshake));
  });
}

Deno.test("remote_call_tool never goes over ssh", async () => {
  const ssh = createFakeSsh();
  const hosts = [
    labHost({ name: "refusing", lmcpUrl: `http://127.0.0.1:${freePort()}/mcp`, callTools: null }),
    labHost({ name: "ssh-only", callTools: null }),
  ];
  await using hub = openHub({ hosts, ssh });
  const texts: string[] = [];
  for (const { name } of hosts) {
    const { content } = await hub.call("remote_call_tool", { host: name, tool: "own" });
    texts.push(content[0]?.type === "text" ? content[0].text : "");
  }
  assert.deepEqual(texts, [
    "Error: lmcp: connect: connection refused\nIt did not run.",
    "Error: lmcp: no url configured\nIt did not run.",
  ]);
  assert.equal(ssh.uses.length, 0);
});
