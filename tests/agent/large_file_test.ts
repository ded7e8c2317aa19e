import assert from "node:assert/strict";
import { createPause } from "../../lib/base/bursts.ts";
import { Secret } from "../../lib/base/secret.ts";
import { createBudget } from "../../lib/calls/budget.ts";
import { AnswerRoom } from "../../lib/mcp/room.ts";
import { createFakeClock } from "../base/time/fake_clock.ts";
import { openRoom } from "../mcp/open_room.ts";
import { sha256 } from "./sha256.ts";
import { errorOf, startAgent, type TestAgent, type TestAgentOptions, textOf } from "./agent.ts";

const MIB = 1024 * 1024;
const BOB = { name: "bob", isOperator: true };
const PATIENT = new AbortController().signal;

/** Where the files are read by the agent itself, and where a script does it. */
const WAYS: readonly (readonly [string, TestAgentOptions])[] = [
  ["by itself", {}],
  ["by a script", { root: "." }],
];

async function writeFile(agent: TestAgent, content: string | Uint8Array): Promise<string> {
  const path = `${agent.directory}/large`;
  const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
  await Deno.writeFile(path, bytes);
  return path;
}

for (const [way, options] of WAYS) {
  for (
    const [what, content] of [
      ["characters across every border", `x${"\u20ac\u{1F600}\u00fc".repeat(100_000)}`],
      ["escapes", '\u0001"\\\n\u2028'.repeat(50_000)],
      ["a byte order mark", `\ufeff${"a line\n".repeat(50_000)}`],
    ] as const
  ) {
    Deno.test(`read_file ${way} returns a long text with ${what} exactly`, async () => {
      await using agent = await startAgent(options);
      const result = await agent.call("read_file", { path: await writeFile(agent, content) });
      assert.ok(textOf(result) === content);
      const bytes = new TextEncoder().encode(content);
      assert.deepEqual(result.structuredContent, {
        bytes: bytes.length,
        sha256: await sha256(bytes),
        encoding: "utf-8",
      });
    });
  }

  Deno.test(`read_file ${way} refuses a long text that ends within a character`, async () => {
    await using agent = await startAgent(options);
    const path = await writeFile(agent, new Uint8Array(300_001).fill(0x61).with(300_000, 0xc3));
    const text = errorOf(await agent.call("read_file", { path }));
    assert.match(text, /it is not text but binary data \(300001 bytes, sha256 [0-9a-f]{64}\);/);
  });

  for (
    const [how, args] of [
      ["lines", { offset: -1 }],
      ["base64", { encoding: "base64" }],
    ] as const
  ) {
    Deno.test(`read_part ${way} does not show the agent's token in ${how}`, async () => {
      const token = "long-enough-token";
      await using agent = await startAgent({ ...options, token: new Secret(token) });
      const path = await writeFile(agent, `first\nx${token}\n`);
      assert.match(errorOf(await agent.call("read_part", { path, ...args })), /agent's token/);
      assert.match(textOf(await agent.call("read_part", { path, limit: 1 })), /^first\n/);
    });
  }

  Deno.test(`read_file ${way} finds the agent's token across the borders of pieces`, async () => {
    const token = "long-enough-token";
    await using agent = await startAgent({ ...options, token: new Secret(token) });
    for (const at of [131_072 - 5, 131_072 - token.length, 131_072, 262_144 - 1]) {
      const path = await writeFile(agent, "x".repeat(at) + token + "x".repeat(100_000));
      assert.match(errorOf(await agent.call("read_file", { path })), /holds this agent's token/);
    }
    const path = await writeFile(agent, "x".repeat(131_072) + token.slice(1));
    assert.match(textOf(await agent.call("read_file", { path })), /xong-enough-token$/);
  });

  Deno.test(`read_file ${way} reads nothing before there is room for it`, async () => {
    await using agent = await startAgent(options);
    const path = await writeFile(agent, "x".repeat(MIB));
    const budget = createBudget(() => 4 * MIB);
    const others = budget.lease(BOB);
    others.take(3 * MIB);
    const clock = createFakeClock();
    const busy = agent.call("read_file", { path }, PATIENT, openRoom({ budget, clock }));
    while (clock.pending() === 0) await new Promise((resolve) => setTimeout(resolve, 1));
    const patient = agent.call("read_file", { path }, PATIENT, openRoom({ budget }));
    clock.advance(5_000);
    assert.equal(
      errorOf(await busy),
      `Error: cannot read "${path}": busy: too many large files are being read, try again later`,
    );
    others[Symbol.dispose]();
    assert.equal(textOf(await patient).length, MIB);
    assert.equal(budget.lease(BOB).take(4 * MIB), true);
  });

  Deno.test(`read_file ${way} holds no more than there is room for`, async () => {
    await using agent = await startAgent(options);
    const path = await writeFile(agent, "\u0001".repeat(MIB));
    let [taken, most] = [0, 0];
    const lease = {
      take: (bytes: number) => {
        if (taken + bytes > 4 * MIB) return false;
        taken += bytes;
        most = Math.max(most, taken);
        return true;
      },
      wait: (bytes: number) => Promise.resolve(lease.take(bytes)),
      giveBack: (bytes: number) => void (taken -= bytes),
      most: 4 * MIB,
      get held() {
        return taken;
      },
      [Symbol.dispose]: () => {},
    };
    const room = openRoom({ lease });
    const text = errorOf(await agent.call("read_file", { path }, PATIENT, room));
    assert.match(text, /: too many large answers wait to be read: try again later$/);
    assert.ok(most > 3 * MIB && most <= 4 * MIB, `${most}`);
    assert.equal(taken, 0);
  });
}

Deno.test("edit_file reads nothing before there is room for it, and changes nothing without", async () => {
  await using agent = await startAgent();
  const path = await writeFile(agent, `a${"x".repeat(MIB)}`);
  const args = { path, old_string: "a", new_string: "b" };
  const small = openRoom({ lease: createBudget(() => 3 * MIB).lease(BOB), clock: expiredClock() });
  assert.equal(
    errorOf(await agent.call("edit_file", args, PATIENT, small)),
    `Error: cannot edit "${path}": busy: too many large files are being read, try again later`,
  );
  assert.equal((await Deno.readTextFile(path)).slice(0, 2), "ax");
  textOf(await agent.call("edit_file", args, PATIENT, openRoom()));
  assert.equal((await Deno.readTextFile(path)).slice(0, 2), "bx");
});

/** One on which every wait is over at once. */
function expiredClock() {
  return {
    ...createFakeClock(),
    after: (_ms: number, callback: () => void) => {
      const timer = setTimeout(callback, 0);
      return () => clearTimeout(timer);
    },
  };
}

Deno.test("read_file lets the network have its turn while several long files are read", async () => {
  await using agent = await startAgent();
  const path = await writeFile(agent, "\u0001".repeat(8 * MIB));
  const pause = createPause();
  const budget = createBudget(() => Infinity);
  const room = () =>
    new AnswerRoom({
      lease: budget.lease(BOB),
      maxBytes: 64 * MIB,
      clock: createFakeClock(),
      pause,
    });
  const listener = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen() {} },
    () => new Response(),
  );
  const reading = Promise.all(
    Array.from({ length: 4 }, () => agent.call("read_file", { path }, PATIENT, room())),
  );
  let isOver = false;
  reading.finally(() => isOver = true);
  let pings = 0;
  for (; !isOver; pings++) await (await fetch(`http://127.0.0.1:${listener.addr.port}`)).text();
  assert.equal((await reading).length, 4);
  assert.ok(pings > 20, `${pings} requests were answered`);
  await listener.shutdown();
});
