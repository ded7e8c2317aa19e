import assert from "node:assert/strict";
import { z } from "zod";
import { createQuotas } from "../../lib/calls/quotas.ts";
import { type CallToolResult, defineTool } from "../../lib/mcp/tool.ts";
import { limitCalls } from "../../lib/tools/limit_calls.ts";
import { callRecord } from "../calls/record.ts";
import { callContext } from "../mcp/call_context.ts";

/** A tool of that name whose calls end when the test says so, for a client with these limits. */
function setUp(
  { name = "remote_shell", perMinute = null, atOnce = null }: {
    readonly name?: string;
    readonly perMinute?: number | null;
    readonly atOnce?: number | null;
  },
) {
  const running: PromiseWithResolvers<CallToolResult>[] = [];
  const world = { at: 0 };
  const quotas = createQuotas({
    limitsOf: (principal) => principal === "ann" ? { perMinute, atOnce } : null,
    now: () => world.at,
  });
  const tool = limitCalls(
    defineTool({
      name,
      title: "Run",
      description: "Runs.",
      input: z.object({}),
      readOnly: false,
      run: () => {
        const call = Promise.withResolvers<CallToolResult>();
        running.push(call);
        return call.promise;
      },
    }),
    quotas,
  );
  const call = async (principal = "ann") => {
    const record = callRecord({ deliveries: [] });
    const result = await tool.call({}, callContext({ principal, record }));
    return { ...result, overLimit: record.overLimit };
  };
  return { world, running, call };
}

const DONE: CallToolResult = { content: [{ type: "text", text: "done" }] };

for (
  const [limits, text, seconds] of [
    [
      { perMinute: 1 },
      "Error: not run, since you have made the 1 call that you may make in a minute: " +
      "call again in 60 s",
      60,
    ],
    [
      { perMinute: 1_000, atOnce: 1 },
      "Error: not run, since 1 call is running, as many as you may have at once: " +
      "call again when one has ended, or in 5 s",
      5,
    ],
    [
      { name: "remote_output", atOnce: 1 },
      "Error: not run, since 1 call of remote_output is running, as many as you may have at " +
      "once: call again when one has ended, or in 5 s",
      5,
    ],
  ] as const
) {
  Deno.test(`limitCalls() with ${JSON.stringify(limits)} answers with when to come back`, async () => {
    const { running, call } = setUp(limits);
    const first = call();
    const second = await call();
    assert.equal(running.length, 1, "the second one did not run");
    assert.deepEqual(second, {
      content: [{ type: "text", text }],
      isError: true,
      _meta: { "lmcp-hub/retry_after_seconds": seconds },
      overLimit: "perMinute" in limits && !("atOnce" in limits) ? "rate" : "concurrent",
    });
    const [own] = running;
    own?.resolve(DONE);
    assert.deepEqual(await first, { ...DONE, overLimit: undefined });
  });
}

Deno.test("limitCalls() names a wait that is long enough, in whole seconds", async () => {
  const { world, running, call } = setUp({ perMinute: 7 });
  const calls = Array.from({ length: 7 }, () => call());
  const { content: [first] } = await call();
  const text = first?.type === "text" ? first.text : "";
  assert.match(text, /the 7 calls that you may make in a minute: call again in 9 s$/);
  world.at = 9_000;
  const next = call();
  assert.equal(running.length, 8);
  running.forEach(({ resolve }) => resolve(DONE));
  await Promise.all([...calls, next]);
});

Deno.test("limitCalls() gives the place of a call back that fails", async () => {
  const { running, call } = setUp({ atOnce: 1 });
  const failing = call();
  running[0]?.reject(new Error("of the tool"));
  await assert.rejects(failing, /of the tool/);
  const next = call();
  running[1]?.resolve(DONE);
  assert.deepEqual((await next).content, DONE.content);
});

Deno.test("limitCalls() binds no operator", async () => {
  const { running, call } = setUp({ perMinute: 1, atOnce: 1 });
  const calls = Array.from({ length: 100 }, () => call("default"));
  assert.equal(running.length, 100);
  running.forEach(({ resolve }) => resolve(DONE));
  await Promise.all(calls);
});
