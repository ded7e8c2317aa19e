import assert from "node:assert/strict";
import { createAgentTools } from "../../lib/agent/catalog.ts";
import { type Budget, createBudget, type Lease } from "../../lib/calls/budget.ts";
import { PLAIN_AGENT } from "../agent/agent.ts";
import { createFakeClock } from "../base/time/fake_clock.ts";
import { serveTools } from "../mcp/served.ts";
import { at, request } from "../mcp/wire.ts";
import { until } from "../processes.ts";

const MIB = 1024 * 1024;
/** Of all answers; one may have half of it. */
const TOTAL = 32 * MIB;
/** More than what sockets on the way may hold of an answer that nobody reads. */
const LARGE = 8 * MIB;

/** A budget that says how much is taken of it, and was at most. */
function createMeasured() {
  const budget = createBudget(() => TOTAL);
  const seen = { taken: 0, most: 0 };
  const change = (bytes: number) => {
    seen.taken += bytes;
    seen.most = Math.max(seen.most, seen.taken);
  };
  const measure = (lease: Lease): Lease => {
    let held = 0;
    const add = (isTaken: boolean, bytes: number) => {
      if (isTaken) change(bytes);
      if (isTaken) held += bytes;
      return isTaken;
    };
    return {
      take: (bytes) => add(lease.take(bytes), bytes),
      wait: async (bytes, signal) => add(await lease.wait(bytes, signal), bytes),
      giveBack: (bytes) => {
        const given = Math.min(bytes, held);
        lease.giveBack(given);
        held -= given;
        change(-given);
      },
      most: lease.most,
      get held() {
        return held;
      },
      [Symbol.dispose]: () => {
        lease[Symbol.dispose]();
        change(-held);
        held = 0;
      },
    };
  };
  const measured: Budget = { lease: (claimant) => measure(budget.lease(claimant)) };
  return { answers: measured, seen };
}

/** An agent over HTTP, and a file of a size on its machine, full of one character. */
async function serveFile(size: number, character: string) {
  const directory = await Deno.makeTempDir({ prefix: "memory-" });
  const path = `${directory}/file`;
  await Deno.writeTextFile(path, character.repeat(size));
  const clock = createFakeClock();
  const { answers, seen } = createMeasured();
  const tools = createAgentTools(PLAIN_AGENT);
  const served = serveTools(tools, { clock, answers, maxAnswerBytes: TOTAL });
  const message = JSON.stringify(
    request(1, "tools/call", { name: "read_file", arguments: { path } }),
  );
  return {
    clock,
    seen,
    url: served.url,
    message,
    read: async () => {
      const headers = { "content-type": "application/json" };
      const response = await fetch(served.url, { method: "POST", headers, body: message });
      return String(at(await response.json(), "result", "content", 0, "text"));
    },
    [Symbol.asyncDispose]: async () => {
      await served[Symbol.asyncDispose]();
      await Deno.remove(directory, { recursive: true });
    },
  };
}

Deno.test("memory: six files at once whose answers are far longer hold no more than all may", async () => {
  await using agent = await serveFile(LARGE, "\u0001");
  const texts = await Promise.all(Array.from({ length: 6 }, agent.read));
  for (const text of texts) {
    assert.match(
      text,
      /as JSON: ask for less$|too many large answers wait|busy: too many large files/,
    );
  }
  assert.ok(agent.seen.most > TOTAL / 2 && agent.seen.most <= TOTAL, `${agent.seen.most}`);
  await until(() => Promise.resolve(agent.seen.taken === 0));
});

Deno.test("memory: twelve clients that read nothing hold no more than all may, for 30 s", async () => {
  await using agent = await serveFile(LARGE, "x");
  const { port } = new URL(agent.url);
  let begun = 0;
  const connections = await Promise.all(Array.from({ length: 12 }, async () => {
    const connection = await Deno.connect({ hostname: "127.0.0.1", port: Number(port) });
    const head = "POST /mcp HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n" +
      `content-length: ${agent.message.length}\r\n\r\n`;
    await connection.write(new TextEncoder().encode(head + agent.message));
    connection.read(new Uint8Array(1_000)).then(() => begun++, () => {});
    return connection;
  }));
  // Each of these three has a timer, and each of those that wait two.
  await until(() => begun === 3 && agent.clock.pending() === 3 + 2 * 9);
  await assertBusy(agent);
  assert.ok(agent.seen.most <= TOTAL, `${agent.seen.most}`);
  agent.clock.advance(30_000);
  await until(() => Promise.resolve(agent.seen.taken === 0));
  assert.equal((await agent.read()).length, LARGE);
  for (const connection of connections) connection.close();
});

/** Whoever comes now is refused after five seconds, long before any client is given up. */
async function assertBusy({ clock, read }: Awaited<ReturnType<typeof serveFile>>): Promise<void> {
  let text: string | null = null;
  const before = clock.pending();
  const busy = read().then((answer) => text = answer);
  await until(() => clock.pending() === before + 2);
  let waitedMs = 0;
  for (; text === null && waitedMs < 20_000; waitedMs += 100) {
    clock.advance(100);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  assert.ok(waitedMs >= 5_000, `${waitedMs}`);
  assert.match(await busy, /: busy: too many large files are being read, try again later$/);
}
