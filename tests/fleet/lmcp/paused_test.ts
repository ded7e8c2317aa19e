import assert from "node:assert/strict";
import { systemClock } from "../../../lib/base/time/clock.ts";
import { createHttpPool } from "../../../lib/fleet/lmcp/pool.ts";
import { createLookup } from "../../../lib/fleet/resolver.ts";
import { createFakeSsh } from "../../lab/fake_ssh.ts";
import { labHost } from "../../lab/host.ts";

const MIB = 1024 * 1024;
/** As long as what is read before others have their turn, so that all has come when that begins. */
const TEXT = "x".repeat(MIB);

/** A server that closes the connection behind its answer, for one request. */
function startClosing(head: (length: number) => string) {
  const result = { content: [{ type: "text", text: TEXT }] };
  const body = JSON.stringify({ jsonrpc: "2.0", id: 1, result });
  const answer = new TextEncoder().encode(`${head(body.length)}\r\n\r\n${body}`);
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const serving = (async () => {
    using connection = await listener.accept();
    await connection.read(new Uint8Array(64 * 1024));
    for (let at = 0; at < answer.length;) at += await connection.write(answer.subarray(at));
  })();
  return {
    url: `http://127.0.0.1:${listener.addr.port}/mcp`,
    [Symbol.asyncDispose]: async () => {
      await serving;
      listener.close();
    },
  };
}

const closing = (length: number) =>
  `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\ncontent-length: ${length}`;

const HEADS: Readonly<Record<string, (length: number) => string>> = {
  "and says so": closing,
  "and has no length": () =>
    "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close",
  "as HTTP/1.0 does": () => "HTTP/1.0 200 OK\r\ncontent-type: application/json",
};

/** Asks a server, and pauses after each MiB until its end has come. */
async function ask(url: string) {
  const pauses: Promise<void>[] = [];
  const pool = createHttpPool({
    lookup: createLookup({ clock: systemClock, resolve: () => Promise.reject(new Error()) }),
    forwards: createFakeSsh().forwards,
    clock: systemClock,
    pause: () => {
      const pause = new Promise<void>((resolve) => setTimeout(resolve, 50));
      pauses.push(pause);
      return pause;
    },
  });
  const answer = await pool.wireTo(labHost({ lmcpUrl: url }), url).send({
    id: 1,
    headers: {},
    body: "{}",
    bounds: { deadlineMs: 5_000, maxBytes: 4 * MIB, signal: new AbortController().signal },
    onNotification: () => {},
  });
  await pool.close();
  assert.ok(pauses.length > 0);
  await Promise.all(pauses);
  return answer;
}

for (const [how, head] of Object.entries(HEADS)) {
  Deno.test(`a long answer is read although its server closes the connection meanwhile, ${how}`, async () => {
    await using server = startClosing(head);
    const answer = await ask(server.url);
    const result = { content: [{ type: "text", text: TEXT }] };
    assert.deepEqual(answer, { kind: "answer", result, sessionId: null });
  });
}

Deno.test("a long answer is lost if its server closes the connection before its end", async () => {
  await using server = startClosing((length) => closing(length + 1));
  const answer = await ask(server.url);
  assert.equal(answer.kind === "failed" && answer.failure.kind, "lost");
});
