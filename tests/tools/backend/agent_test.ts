import assert from "node:assert/strict";
import { z } from "zod";
import { defineAgentTool } from "../../../lib/agent/definition.ts";
import type { JsonObject } from "../../../lib/mcp/message.ts";
import type { CallToolResult } from "../../../lib/mcp/tool.ts";
import { startAgentServer } from "../../lab/agent_server.ts";
import { labHost } from "../../lab/host.ts";
import { openHub } from "../../lab/hub.ts";

/** A real agent that has a tool `greet` beside its own, and a hub that knows it. */
async function open() {
  const directory = await Deno.makeTempDir({ prefix: "own-tools-" });
  const calls: unknown[] = [];
  const greet = defineAgentTool({
    name: "greet",
    title: "Greet",
    description: "Greets somebody",
    input: z.strictObject({
      name: z.string().min(2).describe("Whom to greet"),
      loud: z.boolean().default(false),
    }),
    output: z.object({ greeted: z.string() }),
    readOnly: true,
    run: (args) => {
      calls.push(args);
      return Promise.resolve({
        content: [{ type: "text", text: `Hello, ${args.name}` }],
        structuredContent: { greeted: args.name },
      });
    },
  });
  const agent = startAgentServer(directory, { extraTools: [greet] });
  const host = labHost({ name: "agent", lmcpUrl: agent.url, callTools: new Set(["greet"]) });
  const hub = openHub({ hosts: [host] });
  return {
    schema: greet.inputSchema,
    calls,
    call: (tool: string, args: JsonObject) => hub.call(tool, args),
    [Symbol.asyncDispose]: async () => {
      await hub[Symbol.asyncDispose]();
      await agent[Symbol.asyncDispose]();
      await Deno.remove(directory, { recursive: true });
    },
  };
}

function textOf({ content: [first] }: CallToolResult): string {
  return first?.type === "text" ? first.text : "";
}

Deno.test("remote_tools shows of a real agent what is its own alone, with its schema", async () => {
  await using fleet = await open();
  assert.equal(
    textOf(await fleet.call("remote_tools", {})),
    "greet: agent (1 host)\n  Greets somebody",
  );
  const { structuredContent } = await fleet.call("remote_tools", { tool: "greet", host: "agent" });
  const { tools } = z.object({ tools: z.tuple([z.object({ input_schema: z.string() })]) })
    .parse(structuredContent);
  assert.deepEqual(JSON.parse(tools[0].input_schema), fleet.schema);
});

Deno.test("remote_call_tool calls a real agent's own tool, once its arguments fit", async () => {
  await using fleet = await open();
  const call = (args: JsonObject) =>
    fleet.call("remote_call_tool", { host: "agent", tool: "greet", arguments: args });
  for (const bad of [{}, { name: 5 }, { name: "x" }, { name: "Ada", more: 1 }]) {
    const { isError, structuredContent } = await call(bad);
    assert.deepEqual([isError, structuredContent?.outcome], [true, "not_delivered"]);
  }
  assert.deepEqual(fleet.calls, []);
  const result = await call({ name: "Ada" });
  assert.equal(textOf(result), "Hello, Ada");
  const { outcome, details, error } = result.structuredContent ?? {};
  assert.deepEqual([outcome, details, error], ["ok", { greeted: "Ada" }, null]);
  assert.deepEqual(fleet.calls, [{ name: "Ada", loud: false }]);
});

Deno.test("remote_call_tool does not reach a real agent's shell", async () => {
  await using fleet = await open();
  const args = { host: "agent", tool: "shell", arguments: { command: "id" } };
  assert.match(textOf(await fleet.call("remote_call_tool", args)), /use remote_shell$/);
});
