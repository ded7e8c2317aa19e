import assert from "node:assert/strict";
import { callTool, postTo, untilListening } from "../e2e/client.ts";
import { runProgram, startProgram, temporaryFile } from "../e2e/program.ts";
import { startBackend } from "../lab/backend.ts";
import type { Fault } from "../lab/faults/fault.ts";
import { httpText } from "../lab/http_text.ts";
import { at, modernHeaders, modernRequest } from "../mcp/wire.ts";

const FORGED = '\n{"event":"ended","forged":1}\r\n2026-01-01T00:00:00Z INFO forged\u2028\u001b[2J';

for (const format of ["json", "text"]) {
  Deno.test(`output: neither a backend nor a caller forges a line (LMCP_LOG=${format})`, async () => {
    const says: Fault = {
      name: "says something",
      runs: false,
      strike: ({ connection }) => connection.send(httpText({ status: 403, body: FORGED })),
    };
    await using backend = await startBackend({
      behaviour: ({ method }) => method === "tools/call" ? says : null,
    });
    await using registry = await temporaryFile("hosts.conf", `here hangs ${backend.url} -\n`);
    await using ssh = await temporaryFile("ssh", `#!/bin/sh\nprintf '${FORGED}' >&2; exit 255\n`);
    await Deno.chmod(ssh.path, 0o700);
    const PATH = `${ssh.path.slice(0, -"/ssh".length)}:/usr/bin:/bin`;
    const env = {
      LMCP_HUB_BACKENDS: registry.path,
      LMCP_LOG: format,
      LMCP_LOG_LEVEL: "debug",
      PATH,
    };
    await using hub = startProgram({ env });
    await untilListening(hub.port);
    for (const tool of ["remote_shell", FORGED]) {
      const args = { host: "here", command: FORGED, [FORGED]: 1 };
      const client = { name: FORGED, version: FORGED };
      const message = modernRequest(1, "tools/call", { name: tool, arguments: args }, {
        "io.modelcontextprotocol/clientInfo": client,
      });
      const name = `=?base64?${new TextEncoder().encode(tool).toBase64()}?=`;
      const headers = { ...modernHeaders({ method: "tools/call" }), "mcp-name": name };
      await (await postTo(hub.url, message, { headers })).text();
    }
    hub.kill("SIGTERM");
    const { stderr } = await hub.ended;
    assert.doesNotMatch(stderr, /[^\P{Cc}\n]/u);
    const lines = stderr.trimEnd().split("\n");
    const calls = lines.filter((line) => line.startsWith("{")).map((line) => JSON.parse(line))
      .filter((line) => at(line, "event") === "ended");
    assert.deepEqual(calls.map(({ tool, forged }) => [tool, forged]), [
      ["remote_shell", undefined],
      [FORGED, undefined],
    ]);
    assert.equal(calls[0].arguments.command, FORGED);
    assert.deepEqual(lines.filter((line) => /^2026-01-01/.test(line)), []);
  });
}

Deno.test("output: neither a backend nor ssh forges a line of remote_list_hosts or --probe", async () => {
  const forged = `${FORGED}\u009b1m\u202e${"x".repeat(10_000)}`;
  const says: Fault = {
    name: "says something",
    runs: false,
    strike: ({ connection, request }) => {
      const error = { code: -32000, message: forged };
      const body = JSON.stringify({ jsonrpc: "2.0", id: at(request, "id"), error });
      return connection.send(httpText({ status: 200, body }));
    },
  };
  await using backend = await startBackend({ behaviour: () => says });
  const hosts = `rpc hangs ${backend.url} -\nssh hangs - -\n`;
  await using registry = await temporaryFile("hosts.conf", hosts);
  await using ssh = await temporaryFile("ssh", `#!/bin/sh\nprintf '${forged}' >&2; exit 255\n`);
  await Deno.chmod(ssh.path, 0o700);
  const PATH = `${ssh.path.slice(0, -"/ssh".length)}:/usr/bin:/bin`;
  const env = { LMCP_HUB_BACKENDS: registry.path, PATH };
  await using hub = startProgram({ env });
  await untilListening(hub.port);
  const listed = await callTool(hub.url, { tool: "remote_list_hosts" });
  const probed = await runProgram({ env, args: ["--probe"] });
  const json = await runProgram({ env, args: ["--probe", "--format", "json"] });
  for (const text of [listed.text, probed.stdout]) {
    const lines = text.trimEnd().split("\n").sort();
    assert.deepEqual(lines.map((line) => line.slice(0, 3)), ["rpc", "ssh"]);
    for (const line of lines) {
      assert.ok(line.length < 550, line);
      assert.doesNotMatch(line, /[\p{Cc}\p{Cf}\u2028]/u, line);
    }
  }
  for (const text of [json.stdout.trimEnd(), JSON.stringify(listed.structured)]) {
    assert.match(text, /rpc: .*forged/);
    assert.doesNotMatch(text, /[\p{Cc}\p{Cf}\u2028]|\\[nru]/u, text);
  }
});
