import assert from "node:assert/strict";
import { z } from "zod";
import { defineTool } from "../../lib/mcp/tool.ts";
import { limitTimeout } from "../../lib/tools/limit_timeout.ts";
import { callContext } from "../mcp/call_context.ts";

const shell = defineTool({
  name: "remote_shell",
  title: "Run",
  description: "Run",
  input: z.object({ timeout: z.int().optional() }),
  readOnly: false,
  run: ({ timeout }) => Promise.resolve({ content: [{ type: "text", text: String(timeout) }] }),
});

const LIMITS: Readonly<Record<string, number>> = { ann: 600_000, ben: 60_500 };
const limited = limitTimeout(shell, (principal) => LIMITS[principal] ?? null);

for (
  const [principal, args, expected] of [
    ["operator", { timeout: 9_999 }, "9999"],
    ["operator", {}, "undefined"],
    ["ann", { timeout: 600 }, "600"],
    ["ann", { timeout: 601 }, "Error: `timeout` may be at most 600 s for you"],
    ["ann", { timeout: "601" }, "Error: `timeout` may be at most 600 s for you"],
    ["ann", {}, "120"],
    ["ben", {}, "60"],
    ["ben", { timeout: null }, "60"],
    ["ben", { timeout: 61 }, "Error: `timeout` may be at most 60 s for you"],
    [
      "ben",
      { timeout: "soon" },
      'Error: bad `timeout` parameter: "soon" is not an integer (integer)',
    ],
  ] as const
) {
  Deno.test(`limitTimeout() of ${JSON.stringify(args)} by ${principal}: ${expected}`, async () => {
    const result = await limited.call(args, callContext({ principal }));
    assert.deepEqual(result.content, [{ type: "text", text: expected }]);
    assert.equal(result.isError === true, expected.startsWith("Error"));
  });
}

Deno.test("limitTimeout() lets remote_wait wait as long as it says it does, within the limit", async () => {
  const wait = limitTimeout(
    { ...shell, name: "remote_wait" },
    (principal) => LIMITS[principal] ?? null,
  );
  for (const [principal, expected] of [["ann", "300"], ["ben", "60"], ["operator", "undefined"]]) {
    const { content } = await wait.call({}, callContext({ principal: principal ?? "" }));
    assert.deepEqual(content, [{ type: "text", text: expected }]);
  }
});

Deno.test("limitTimeout() lets remote_shell_bg wait no longer for a job, which goes on", async () => {
  const bg = limitTimeout(
    defineTool({
      ...shell,
      name: "remote_shell_bg",
      title: "Job",
      input: z.object({ wait: z.int().optional() }),
      run: ({ wait }) => Promise.resolve({ content: [{ type: "text", text: String(wait) }] }),
    }),
    (principal) => LIMITS[principal] ?? null,
  );
  for (
    const [args, expected] of [
      [{}, "undefined"],
      [{ wait: 60 }, "60"],
      [{ wait: 61 }, "Error: `wait` may be at most 60 s for you"],
    ] as const
  ) {
    const { content } = await bg.call(args, callContext({ principal: "ben" }));
    assert.deepEqual(content, [{ type: "text", text: expected }]);
  }
});

Deno.test("limitTimeout() leaves a tool alone that takes no timeout", () => {
  const tool = defineTool({
    ...shell,
    title: "Shell",
    input: z.object({}),
    run: () => assert.fail(),
  });
  assert.equal(limitTimeout(tool, () => 1), tool);
});
