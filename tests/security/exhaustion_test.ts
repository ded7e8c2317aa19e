import assert from "node:assert/strict";
import { type CallAnswer, callTool, postTo, untilListening } from "../e2e/client.ts";
import { type RunningProgram, startProgram, temporaryFile } from "../e2e/program.ts";
import { startBackend } from "../lab/backend.ts";
import type { Fault } from "../lab/faults/fault.ts";
import { httpText } from "../lab/http_text.ts";
import { at, modernHeaders, modernRequest, request } from "../mcp/wire.ts";
import { findChildren, until } from "../processes.ts";

const MIB = 1024 * 1024;
/** How long another host may take to answer meanwhile. */
const QUICK_MS = 3_000;
/** The same while a thousand calls come; what holds them up does so for more than thirty seconds. */
const MEANWHILE_MS = 10_000;

/** Answers rightly, but not before a promise has resolved. */
const slowUntil = (released: Promise<void>): Fault => ({
  name: "slow",
  runs: true,
  strike: async ({ connection, right }) => {
    await released;
    await connection.send(httpText(right));
  },
});

/** Hangs, or fails after a while, and not before a file has gone. */
const fakeSsh = (held: string) =>
  `#!/bin/sh\ncase "$*" in *hangs*) exec sleep 60 ;; esac\n` +
  `while [ -e '${held}' ]; do sleep 0.05; done\nsleep 0.2\nexit 255\n`;

/** A hub with the hosts `quick` and `stuck`, and `slow` and `fails`, which wait to be released. */
async function startFleet() {
  await using stack = new AsyncDisposableStack();
  const released = Promise.withResolvers<void>();
  const slow = slowUntil(released.promise);
  const slowOne = stack.use(
    await startBackend({ behaviour: ({ method }) => method === "tools/call" ? slow : null }),
  );
  const quick = stack.use(await startBackend());
  const text =
    `slow - ${slowOne.url} -\nquick - ${quick.url} -\nstuck hangs - -\nfails fails - -\n`;
  const registry = stack.use(await temporaryFile("hosts.conf", text));
  const held = stack.use(await temporaryFile("held", ""));
  const ssh = stack.use(await temporaryFile("ssh", fakeSsh(held.path)));
  await Deno.chmod(ssh.path, 0o700);
  const PATH = `${ssh.path.slice(0, -"/ssh".length)}:/usr/bin:/bin`;
  const env = { LMCP_HUB_BACKENDS: registry.path, LMCP_LOG_LEVEL: "warn", PATH };
  const hub = stack.use(startProgram({ env: { ...env, LMCP_HUB_SSH_TIMEOUT: "30" } }));
  await untilListening(hub.port);
  const owned = stack.move();
  const release = async () => {
    released.resolve();
    await Deno.remove(held.path);
  };
  return { hub, release, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

/** Resident memory in bytes. */
async function memoryOf({ pid }: RunningProgram): Promise<number> {
  const { stdout } = await new Deno.Command("ps", { args: ["-o", "rss=", "-p", String(pid)] })
    .output();
  return Number(new TextDecoder().decode(stdout)) * 1024;
}

/** How long another host takes to answer, in milliseconds. */
async function quickAnswerMs({ url }: RunningProgram): Promise<number> {
  const startedAt = performance.now();
  const { text } = await callTool(url, { tool: "remote_list_dir", args: { host: "quick" } });
  assert.equal(text, "from the backend");
  return performance.now() - startedAt;
}

function assertIsQuick(ms: number, boundMs = QUICK_MS): void {
  assert.ok(ms < boundMs, `another host took ${ms} ms to answer`);
}

function shell(url: string, host: string) {
  return callTool(url, { tool: "remote_shell", args: { host, command: "true" } });
}

function outcomes(answers: readonly CallAnswer[]) {
  return Map.groupBy(answers, ({ structured }) => at(structured, "outcome"));
}

Deno.test("exhaustion: a thousand calls at once to one host are bounded, others answer", async () => {
  await using fleet = await startFleet();
  const { hub } = fleet;
  await quickAnswerMs(hub);
  const before = await memoryOf(hub);
  let answered = 0;
  const calls = Array.from({ length: 1_000 }, async () => {
    const answer = await shell(hub.url, "slow");
    answered++;
    return answer;
  });
  const look = async () => {
    const ms = await quickAnswerMs(hub);
    // None but those that are refused can be answered by now.
    await until(() => answered > 0);
    await fleet.release();
    return ms;
  };
  const [answers, quickMs] = await Promise.all([Promise.all(calls), look()]);
  assertIsQuick(quickMs, MEANWHILE_MS);
  const counts = outcomes(answers);
  assert.equal((counts.get("ok") ?? []).length + (counts.get("not_delivered") ?? []).length, 1_000);
  assert.ok((counts.get("ok") ?? []).length >= 144);
  assert.match(counts.get("not_delivered")?.[0]?.text ?? "", /busy: 16 calls/);
  assert.ok(await memoryOf(hub) - before < 200 * MIB);
});

Deno.test("exhaustion: a thousand calls at once over ssh start few processes, and leave none", async () => {
  await using fleet = await startFleet();
  const { hub } = fleet;
  const calls = Array.from({ length: 1_000 }, () => shell(hub.url, "fails"));
  const look = async () => {
    await until(async () => (await findChildren(hub.pid)).length > 0);
    const quickMs = await quickAnswerMs(hub);
    const children = await findChildren(hub.pid);
    await fleet.release();
    return { children, quickMs };
  };
  const [answers, { children, quickMs }] = await Promise.all([Promise.all(calls), look()]);
  assert.ok(children.length <= 8, `${children.length} processes`);
  assertIsQuick(quickMs, MEANWHILE_MS);
  const counts = outcomes(answers);
  assert.equal(counts.get("not_delivered")?.length, 1_000);
  await until(async () => (await findChildren(hub.pid)).length === 0, 5_000);
});

Deno.test("exhaustion: a thousand idle and half-sent connections do not keep others out", async () => {
  await using fleet = await startFleet();
  const { hub } = fleet;
  const connections = await Promise.all(
    Array.from({ length: 1_000 }, () => Deno.connect({ hostname: "127.0.0.1", port: hub.port })),
  );
  const half = new TextEncoder().encode("POST /mcp HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Le");
  for (const connection of connections.slice(500)) await connection.write(half);
  assertIsQuick(await quickAnswerMs(hub));
  assert.ok(await memoryOf(hub) < 400 * MIB);
  for (const connection of connections) connection.close();
});

Deno.test("exhaustion: a huge body is refused while it comes, whatever its length claims", async () => {
  await using fleet = await startFleet();
  const { hub } = fleet;
  const before = await memoryOf(hub);
  const chunk = new Uint8Array(MIB).fill(0x20);
  let sent = 0;
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      if (++sent > 500) controller.close();
      else controller.enqueue(chunk);
    },
  });
  const headers = { "content-type": "application/json" };
  const status = await fetch(hub.url, { method: "POST", headers, body }).then(
    async (response) => {
      await response.body?.cancel();
      return response.status;
    },
    () => "closed",
  );
  assert.ok(status === 413 || status === "closed", String(status));
  assert.ok(sent < 200, `${sent} MiB were read`);
  assertIsQuick(await quickAnswerMs(hub));
  assert.ok(await memoryOf(hub) - before < 300 * MIB);
});

for (
  const [what, value] of [
    ["deep JSON", "[".repeat(5_000_000) + "]".repeat(5_000_000)],
    ["JSON of many small parts", `[${"[],".repeat(5_000_000)}1]`],
  ] as const
) {
  Deno.test(`exhaustion: ${what} is refused at once`, async () => {
    await using fleet = await startFleet();
    const { hub } = fleet;
    await quickAnswerMs(hub);
    const message = request(1, "tools/call", {
      name: "remote_shell",
      arguments: { host: "quick", command: "true", extra: "EXTRA" },
    });
    const startedAt = performance.now();
    const response = await fetch(hub.url, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(message).replace('"EXTRA"', value),
    });
    const answer = await response.json();
    assert.equal(response.status, 400);
    assert.equal(at(answer, "error", "code"), -32700);
    assert.ok(performance.now() - startedAt < 3_000);
    assertIsQuick(await quickAnswerMs(hub));
  });
}

Deno.test("exhaustion: streams whose clients go away end what they asked for", async () => {
  await using fleet = await startFleet();
  const { hub } = fleet;
  const leaving = new AbortController();
  const { signal } = leaving;
  const ask = async () => {
    const args = { host: "stuck", command: "true" };
    const message = modernRequest(1, "tools/call", { name: "remote_shell", arguments: args });
    const response = await postTo(hub.url, message, { headers: modernHeaders(message), signal });
    assert.equal(response.headers.get("content-type"), "text/event-stream");
    return response;
  };
  const responses = await Promise.all(Array.from({ length: 50 }, ask));
  await until(async () => (await findChildren(hub.pid)).length > 0);
  leaving.abort();
  for (const { body } of responses) await body?.cancel().catch(() => {});
  await until(async () => (await findChildren(hub.pid)).length === 0);
  assertIsQuick(await quickAnswerMs(hub));
});
