import assert from "node:assert/strict";
import { isJsonObject } from "../../../lib/mcp/message.ts";
import { startBackend } from "../../lab/backend.ts";
import { close, reset } from "../../lab/faults/connection.ts";
import {
  type LabDialect,
  modernDialect,
  plainDialect,
  resultText,
  sessionDialect,
} from "../../lab/dialect.ts";
import { createNonce } from "../../lab/executions.ts";
import { createFakeSsh } from "../../lab/fake_ssh.ts";
import { answerAfterProgress } from "../../lab/faults/progress.ts";
import { labHost } from "../../lab/host.ts";
import { openHub } from "../../lab/hub.ts";
import { stopSeen } from "../../lab/stop_seen.ts";
import { firstText, summary } from "../answers.ts";

const DIALECTS: Readonly<Record<string, () => LabDialect>> = {
  "a modern backend": modernDialect,
  "a legacy backend without sessions": plainDialect,
  "a legacy backend with sessions": sessionDialect,
};

async function openPair(dialect: () => LabDialect) {
  const backend = await startBackend({ dialect });
  const host = labHost({ lmcpUrl: backend.url });
  const ssh = createFakeSsh();
  const hub = openHub({ hosts: [host], ssh });
  return {
    backend,
    hub,
    host,
    ssh,
    shell: async (nonce = createNonce()) =>
      summary(await hub.call("remote_shell", { host: host.name, command: `echo ${nonce}` })),
    [Symbol.asyncDispose]: async () => {
      await hub[Symbol.asyncDispose]();
      await backend.stop();
    },
  };
}

for (const [what, dialect] of Object.entries(DIALECTS)) {
  Deno.test(`${what} runs a call once, and the handshake is remembered`, async () => {
    await using pair = await openPair(dialect);
    const nonces = [createNonce(), createNonce()];
    for (const nonce of nonces) assert.equal((await pair.shell(nonce)).via, "lmcp");
    assert.deepEqual(nonces.map((nonce) => pair.backend.executions.count(nonce)), [1, 1]);
    const methods = pair.backend.requests.map(({ method }) => method);
    assert.equal(methods.at(-1), "tools/call");
    assert.equal(methods.filter((method) => method === "server/discover").length, 1);
    assert.ok(methods.filter((method) => method === "initialize").length <= 1);
  });

  Deno.test(`${what} is asked once by calls that come together`, async () => {
    await using pair = await openPair(dialect);
    const answers = await Promise.all(Array.from({ length: 10 }, () => pair.shell()));
    assert.deepEqual(new Set(answers.map(({ via }) => via)), new Set(["lmcp"]));
    const methods = pair.backend.requests.map(({ method }) => method);
    assert.equal(methods.filter((method) => method === "server/discover").length, 1);
    assert.ok(methods.filter((method) => method === "initialize").length <= 1);
  });

  Deno.test(`${what} that is restarted between two calls is not noticed`, async () => {
    await using pair = await openPair(dialect);
    await pair.shell();
    await stopSeen(pair);
    await pair.backend.start();
    const nonce = createNonce();
    assert.equal((await pair.shell(nonce)).via, "lmcp");
    assert.equal(pair.backend.executions.count(nonce), 1);
    assert.equal(pair.ssh.uses.length, 0);
  });
}

Deno.test("a backend that is upgraded between two calls is negotiated with again", async () => {
  await using pair = await openPair(sessionDialect);
  await pair.shell();
  await stopSeen(pair);
  await pair.backend.start(plainDialect);
  assert.equal((await pair.shell()).via, "lmcp");
});

Deno.test("a session that the backend refuses for ever is asked for once a call, which is not sent", async () => {
  const refusing = () => ({ ...sessionDialect(), answer: () => ({ status: 404, body: "never" }) });
  await using pair = await openPair(refusing);
  assert.deepEqual((await pair.shell()).reason, "http 404: never");
  const methods = pair.backend.requests.map(({ method }) => method);
  assert.deepEqual(methods, ["server/discover", "initialize"]);
});

for (const fault of [reset, close]) {
  Deno.test(`a kept-alive connection with a ${fault.name}: the backend saw the call once`, async () => {
    await using backend = await startBackend({
      behaviour: ({ method, wire }) => method === "tools/call" && wire.before > 0 ? fault : null,
    });
    const host = labHost({ lmcpUrl: backend.url });
    const ssh = createFakeSsh();
    await using hub = openHub({ hosts: [host], ssh });
    for (;;) {
      const nonce = createNonce();
      const args = { host: host.name, command: `echo ${nonce}` };
      const { outcome } = summary(await hub.call("remote_shell", args));
      assert.equal(backend.executions.count(nonce) + ssh.uses.length, 1);
      if (outcome === "unknown") break;
    }
    const last = backend.requests.at(-1);
    assert.deepEqual([last?.method, last?.wire.before], ["tools/call", 1]);
  });
}

Deno.test("a fresh connection that breaks after a call was read: the backend saw it once", async () => {
  await using backend = await startBackend({
    keepAlive: false,
    behaviour: ({ method }) => method === "tools/call" ? reset : null,
  });
  const host = labHost({ lmcpUrl: backend.url });
  await using hub = openHub({ hosts: [host] });
  const answer = await hub.call("remote_shell", { host: host.name, command: "true" });
  assert.equal(summary(answer).outcome, "unknown");
  const calls = backend.requests.filter(({ method }) => method === "tools/call");
  assert.deepEqual(calls.map(({ wire }) => wire.before), [0]);
});

Deno.test("unknown arguments travel on to the backend; host does not", async () => {
  await using pair = await openPair(modernDialect);
  await pair.hub.call("remote_edit_file", {
    host: "tesla",
    path: "/x",
    old_string: "a",
    new_string: "b",
    dry_run: true,
    nested: { deep: [1, null] },
  });
  assert.deepEqual(pair.backend.requests.at(-1)?.params.arguments, {
    path: "/x",
    old_string: "a",
    new_string: "b",
    dry_run: true,
    nested: { deep: [1, null] },
  });
});

Deno.test("all content blocks of an answer are passed on, as they are", async () => {
  const blocks = [
    { type: "text", text: "first" },
    { type: "image", data: "AA==", mimeType: "image/png" },
    { type: "resource_link", uri: "file:///x", name: "x" },
    { type: "of_tomorrow", anything: { at: ["all"] } },
    { type: "text", text: "last" },
  ];
  await using backend = await startBackend({ result: { content: blocks } });
  const host = labHost({ lmcpUrl: backend.url });
  await using hub = openHub({ hosts: [host] });
  const { content } = await hub.call("remote_read_file", { host: host.name, path: "/x" });
  assert.deepEqual(content, blocks);
});

for (const [what, dialect] of Object.entries({ modernDialect, plainDialect })) {
  Deno.test(`progress of a backend (${what}) reaches the caller while the call runs`, async () => {
    const progress = Promise.withResolvers<string>();
    const fault = answerAfterProgress(progress.promise);
    await using backend = await startBackend({
      dialect,
      behaviour: ({ method }) => method === "tools/call" ? fault : null,
    });
    const host = labHost({ lmcpUrl: backend.url });
    await using hub = openHub({ hosts: [host] });
    const args = { host: host.name, command: "true" };
    const answer = await hub.call("remote_shell", args, { onProgress: progress.resolve });
    assert.equal(firstText(answer), "from the backend");
    assert.equal(await progress.promise, "half way");
    const request = backend.requests.at(-1);
    const meta = request?.params._meta;
    assert.ok(isJsonObject(meta));
    assert.equal(meta.progressToken, request?.id);
  });
}

for (const protocolVersion of ["2025-11-25\r\nX: y", "日本", "x".repeat(100_000)]) {
  Deno.test(`a backend that agrees on the version "${protocolVersion.slice(0, 12)}" was not reached`, async () => {
    await using pair = await openPair(() => ({
      answer: (request) =>
        request.method === "initialize"
          ? { body: resultText(request, { protocolVersion }) }
          : sessionDialect().answer(request),
    }));
    assert.equal((await pair.shell()).via, "ssh");
  });
}
