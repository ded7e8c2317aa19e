import assert from "node:assert/strict";
import { type LabBackend, startBackend } from "../../lab/backend.ts";
import { silent, trickle } from "../../lab/faults/connection.ts";
import { type LabDialect, modernDialect, plainDialect, sessionDialect } from "../../lab/dialect.ts";
import type { Fault } from "../../lab/faults/fault.ts";
import { createFakeSsh } from "../../lab/fake_ssh.ts";
import { labHost } from "../../lab/host.ts";
import { httpText } from "../../lab/http_text.ts";
import { openHub } from "../../lab/hub.ts";
import { until } from "../../processes.ts";
import { summary } from "../answers.ts";

const struckCalls = (fault: Fault, dialect: () => LabDialect) =>
  startBackend({ dialect, behaviour: ({ method }) => method === "tools/call" ? fault : null });

const methodsOf = (backend: LabBackend) => backend.requests.map(({ method }) => method);

/** Calls a silent backend, and goes away once the call has arrived there. */
async function callAndCancel(backend: LabBackend) {
  const host = labHost({ lmcpUrl: backend.url });
  const ssh = createFakeSsh();
  await using hub = openHub({ hosts: [host], ssh });
  const caller = new AbortController();
  const { signal } = caller;
  const call = hub.call("remote_shell", { host: host.name, command: "true" }, { signal });
  await until(() => methodsOf(backend).includes("tools/call"));
  const cancelledAt = performance.now();
  caller.abort();
  const answer = summary(await call);
  const tookMs = performance.now() - cancelledAt;
  return { ...answer, tookMs, sshUses: ssh.uses.length };
}

Deno.test("a cancelled call to a modern backend closes its connection, and says no more", async () => {
  await using backend = await struckCalls(silent, modernDialect);
  const { outcome, sshUses, tookMs } = await callAndCancel(backend);
  await until(() => backend.connections === 0);
  assert.deepEqual({ outcome, sshUses }, { outcome: "unknown", sshUses: 0 });
  // It would be given up after 25 s.
  assert.ok(tookMs < 12_000);
  assert.deepEqual(methodsOf(backend), ["server/discover", "tools/call"]);
});

for (const [what, dialect] of Object.entries({ plainDialect, sessionDialect })) {
  Deno.test(`a cancelled call to a legacy backend (${what}) is cancelled there by its id`, async () => {
    await using backend = await struckCalls(silent, dialect);
    const { outcome, sshUses } = await callAndCancel(backend);
    assert.deepEqual({ outcome, sshUses }, { outcome: "unknown", sshUses: 0 });
    const call = backend.requests.find(({ method }) => method === "tools/call");
    const cancel = backend.requests.at(-1);
    assert.equal(cancel?.method, "notifications/cancelled");
    assert.equal(cancel?.id, undefined);
    assert.notEqual(call?.id, undefined);
    const session = call?.wire.headers.get("mcp-session-id");
    assert.equal(cancel?.wire.headers.get("mcp-session-id"), session);
  });
}

Deno.test("a call that a legacy backend does not answer in time is cancelled there", async () => {
  await using backend = await struckCalls(silent, plainDialect);
  const host = labHost({ lmcpUrl: backend.url, timeouts: { connectMs: 2_000, lmcpMs: 300 } });
  {
    await using hub = openHub({ hosts: [host] });
    const answer = summary(
      await hub.call("remote_write_file", {
        host: host.name,
        path: "/x",
        content: "",
      }),
    );
    assert.deepEqual([answer.outcome, answer.text.startsWith("Error: lmcp: timeout |")], [
      "unknown",
      true,
    ]);
  }
  const [call, cancel] = backend.requests.slice(-2);
  assert.equal(cancel?.method, "notifications/cancelled");
  assert.equal(cancel?.params.requestId, call?.id);
});

Deno.test("one caller who goes away does not end the handshake that others wait for", async () => {
  const opened = Promise.withResolvers<void>();
  await using backend = await startBackend({
    behaviour: ({ method }) => method === "server/discover" ? late : null,
  });
  const late: Fault = {
    name: "late",
    runs: false,
    strike: async ({ connection, right }) => {
      await opened.promise;
      await connection.send(httpText(right));
    },
  };
  const host = labHost({ lmcpUrl: backend.url });
  await using hub = openHub({ hosts: [host] });
  const caller = new AbortController();
  const gone = hub.call("remote_list_dir", { host: host.name }, { signal: caller.signal });
  const stays = hub.call("remote_list_dir", { host: host.name });
  await until(() => backend.requests.length === 1);
  caller.abort();
  assert.equal(summary(await gone).outcome, "not_delivered");
  opened.resolve();
  assert.equal(summary(await stays).via, "lmcp");
  assert.equal(backend.requests.filter(({ method }) => method === "server/discover").length, 1);
});

Deno.test("a backend that trickles is given up at the deadline", async () => {
  await using backend = await struckCalls(trickle, modernDialect);
  const timeouts = { connectMs: 2_000, lmcpMs: 300 };
  const host = labHost({ lmcpUrl: backend.url, timeouts });
  await using hub = openHub({ hosts: [host] });
  const startedAt = performance.now();
  const answer = await hub.call("remote_list_dir", { host: host.name });
  const tookMs = performance.now() - startedAt;
  assert.deepEqual(summary(answer).reason, "timeout");
  assert.ok(tookMs >= 2_300 && tookMs < 10_000, `it took ${tookMs} ms`);
});

Deno.test("remote_shell waits for its own timeout on top of the backend's time", async () => {
  await using backend = await struckCalls(silent, modernDialect);
  const timeouts = { connectMs: 2_000, lmcpMs: 200 };
  const host = labHost({ lmcpUrl: backend.url, timeouts });
  await using hub = openHub({ hosts: [host] });
  const startedAt = performance.now();
  const answer = await hub.call("remote_shell", { host: host.name, command: "true", timeout: 1 });
  const tookMs = performance.now() - startedAt;
  assert.equal(summary(answer).outcome, "unknown");
  assert.ok(tookMs >= 3_200 && tookMs < 10_000, `it took ${tookMs} ms`);
});
