import assert from "node:assert/strict";
import { createRedact } from "../../lib/base/text/redact.ts";
import { Secret } from "../../lib/base/secret.ts";
import { type KnownNames, toPastCall } from "../../lib/history/past_call.ts";
import { callRecord, delivery } from "../calls/record.ts";

const KNOWN: KnownNames = {
  hostName: (name) => /^(tesla|web\d+)$/.test(name) ? name : undefined,
  toolName: (name) => name.startsWith("remote_") ? name : undefined,
  redact: createRedact([new Secret("canary-token-1234")]),
};

Deno.test("toPastCall() keeps who, what, where and how it ended", () => {
  assert.deepEqual(toPastCall(callRecord(), 5_000, KNOWN), {
    id: "call-1",
    principal: "ann",
    client: "editor 1.2",
    tool: "remote_shell",
    hosts: "tesla",
    names: ["tesla"],
    endedAt: 5_000,
    durationMs: 12.3456789,
    outcome: "ok",
    via: ["lmcp"],
    reason: null,
    exitCode: 0,
  });
});

Deno.test("toPastCall() keeps nothing of what a call said", () => {
  const args = { host: "tesla", command: "rm -rf /contents", content: "contents" };
  const kept = JSON.stringify(toPastCall(callRecord({ args }), 0, KNOWN));
  assert.doesNotMatch(kept, /contents/);
});

Deno.test("toPastCall() folds several hosts, and names their transports once", () => {
  const deliveries = ["web1", "web2", "web3", "tesla"].map((host) =>
    delivery({ host, via: host === "tesla" ? "ssh" : "lmcp", exitCode: 1 })
  );
  const hosts = deliveries.map(({ host }) => host);
  const call = toPastCall(callRecord({ hosts, deliveries }), 0, KNOWN);
  assert.equal(call.hosts, "web[1-3] tesla");
  assert.deepEqual([call.names, call.via, call.exitCode], [hosts, ["lmcp", "ssh"], null]);
});

Deno.test("toPastCall() says why a call fell back, or was ended", () => {
  const fellBack = delivery({ via: "ssh", fallbackReason: "lmcp: timeout" });
  const call = callRecord({ deliveries: [fellBack] });
  assert.equal(toPastCall(call, 0, KNOWN).reason, "lmcp: timeout");
  assert.equal(toPastCall({ ...call, ended: "operator" }, 0, KNOWN).reason, "operator");
});

Deno.test("toPastCall() cuts long texts, and no secret in two", () => {
  const secret = "canary-token-1234";
  for (let before = 130; before < 165; before++) {
    const long = `${"x".repeat(before)}${secret}${"y".repeat(100_000)}`;
    const call = toPastCall(
      callRecord({
        client: { name: long, version: "1" },
        tool: long,
        args: { host: long },
        deliveries: [delivery({ host: long, fallbackReason: long })],
      }),
      0,
      KNOWN,
    );
    const kept = JSON.stringify(call);
    assert.ok(kept.length < 1_500, `${kept.length} characters`);
    assert.doesNotMatch(kept, /canary/);
  }
});

Deno.test("toPastCall() writes the name of a host that is none so that it means no other", () => {
  const call = callRecord({ args: { host: "web*" }, deliveries: [], outcome: "refused" });
  assert.deepEqual([toPastCall(call, 0, KNOWN).hosts], ['"web*"']);
});
