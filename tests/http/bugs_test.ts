import assert from "node:assert/strict";
import { createHttpHandler, type HttpOptions } from "../../lib/http/handler.ts";
import type { McpServer } from "../../lib/mcp/server.ts";
import { createServer } from "../../lib/mcp/server.ts";
import { createFakeClock } from "../base/time/fake_clock.ts";
import { echo } from "../mcp/fixture_tools.ts";
import { at, post, request } from "../mcp/wire.ts";

const BUG = new Error("a bug");
const FILLER = "x".repeat(100_000);
const MESSAGE = request(1, "tools/call", { name: "echo", arguments: { text: FILLER } });

/** A handler that has room for one such message of `ann`, and a server that may be replaced. */
function setUp(options: Partial<HttpOptions> = {}) {
  const clock = createFakeClock();
  const server = createServer({ name: "s", version: "1", tools: () => [echo], log() {}, clock });
  let handle: McpServer["handle"] = server.handle;
  const bugs: unknown[] = [];
  const handler = createHttpHandler({
    server: { ...server, handle: (text, caller) => handle(text, caller) },
    clock,
    onBug: (error) => bugs.push(error),
    authenticate: () => ({ name: "ann" }),
    allowedHosts: [],
    isLoopbackBind: true,
    maxTotalBodyBytes: 300_000,
    ...options,
  });
  return {
    clock,
    handler,
    /** Asserts that a bug is answered, and not with a status for which some clients send again. */
    assertBug: async (answered: Response | Promise<Response>) => {
      const response = await answered;
      assert.deepEqual([response.status, bugs.splice(0)], [200, [BUG]]);
      assert.equal(at(await response.json(), "error", "code"), -32603);
    },
    replace: (replacement: McpServer["handle"]) => handle = replacement,
    restore: () => handle = server.handle,
  };
}

const BUGS: readonly (readonly [string, McpServer["handle"]])[] = [
  ["rejects", () => Promise.reject(BUG)],
  ["throws", () => {
    throw BUG;
  }],
];

for (const [what, handle] of BUGS) {
  Deno.test(`the handler keeps no room for a message whose server ${what}`, async () => {
    const { clock, handler, assertBug, replace, restore } = setUp();
    replace(handle);
    for (let count = 0; count < 3; count++) {
      await assertBug(handler(post(MESSAGE)));
    }
    assert.equal(clock.pending(), 0);
    restore();
    assert.equal((await handler(post(MESSAGE))).status, 200);
  });
}

Deno.test("an event stream ends without an answer where the server rejects", async () => {
  const { clock, handler, replace } = setUp();
  const failing = Promise.withResolvers<null>();
  const begun = Promise.withResolvers<void>();
  replace(() => {
    begun.resolve();
    return failing.promise;
  });
  const answered = handler(post(MESSAGE));
  await begun.promise;
  clock.advance(250);
  const response = await answered;
  failing.reject(BUG);
  assert.equal(response.headers.get("content-type"), "text/event-stream");
  assert.equal(await response.text(), "");
  assert.equal(clock.pending(), 0);
});

Deno.test("the handler keeps no room for a message whose token cannot be checked again", async () => {
  let isBroken = false;
  const { clock, handler, assertBug } = setUp({
    authenticate: () => {
      if (isBroken) throw BUG;
      return { name: "ann" };
    },
  });
  for (let count = 0; count < 3; count++) {
    isBroken = false;
    const bytes = Promise.withResolvers<Uint8Array<ArrayBuffer>>();
    const body = ReadableStream.from((async function* () {
      yield bytes.promise;
    })());
    const answered = handler(post("", {}, { body }));
    clock.advance(500);
    isBroken = true;
    bytes.resolve(new TextEncoder().encode(JSON.stringify(MESSAGE)));
    await assertBug(answered);
  }
  isBroken = false;
  assert.equal((await handler(post(MESSAGE))).status, 200);
});

Deno.test("the handler refuses a message that fails while it is let go", async () => {
  const { handler } = setUp();
  const body = new ReadableStream<Uint8Array>({
    cancel() {
      throw BUG;
    },
  });
  const headers = { "content-length": String(49 * 1024 * 1024) };
  assert.equal((await handler(post("", headers, { body }))).status, 413);
});
