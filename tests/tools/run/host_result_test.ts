import assert from "node:assert/strict";
import { toHostResult } from "../../../lib/tools/run/host_result.ts";
import { labHost } from "../../lab/host.ts";

const HTTP = "http://127.0.0.1:1/mcp";
const NAMES: readonly (readonly [string | null, string | null, readonly string[]])[] = [
  ["web.example.org", null, ["web.example.org"]],
  ["admin@web.example.org", HTTP, ["web.example.org"]],
  ["ssh://admin@web.example.org:2222", null, ["web.example.org"]],
  ["admin@fe80::1", null, ["fe80::1"]],
  [null, "ssh://admin@Web:8080/mcp", ["Web"]],
  [null, "https://[2001:db8::1]:8080/mcp", ["2001:db8::1"]],
  ["localhost", "http://web.example.org:8080/mcp", ["web.example.org"]],
];
for (const [sshHost, lmcpUrl, aliases] of NAMES) {
  Deno.test(`a host with ${sshHost} and ${lmcpUrl} may call itself ${aliases}`, () => {
    const host = labHost({ name: "h", sshHost, lmcpUrl });
    assert.deepEqual(toHostResult(host, { kind: "refused", reason: "no" }).aliases, aliases);
  });
}
