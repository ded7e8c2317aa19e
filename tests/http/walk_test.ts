import assert from "node:assert/strict";
import { z } from "zod";
import { createHttpHandler } from "../../lib/http/handler.ts";
import { createServer } from "../../lib/mcp/server.ts";
import { defineTool } from "../../lib/mcp/tool.ts";
import { modernHeaders, modernRequest, post } from "../mcp/wire.ts";

/** The functions on the stack, outermost first. */
function walkOf(stack: string): string[] {
  const names = [...stack.matchAll(/^ +at (?:async )?(?:Object\.)?([\w.<>]+)/gm)]
    .map(([, name = ""]) => name);
  return names.reverse();
}

Deno.test("a stack trace in a tool reads as the walk of its call", async () => {
  let walk: string[] = [];
  const tool = defineTool({
    name: "where",
    title: "Where",
    description: "Says where it is called from",
    input: z.object({}),
    readOnly: true,
    run: function runWhere() {
      const limit = Error.stackTraceLimit;
      Error.stackTraceLimit = 50;
      walk = walkOf(new Error("here").stack ?? "");
      Error.stackTraceLimit = limit;
      return Promise.resolve({ content: [] });
    },
  });
  const handleHttpRequest = createHttpHandler({
    server: createServer({ name: "s", version: "0", tools: () => [tool], log() {} }),
    authenticate: () => ({ name: "ann" }),
    allowedHosts: [],
    isLoopbackBind: true,
  });
  const call = modernRequest(1, "tools/call", { name: "where" });
  const response = await handleHttpRequest(post(call, modernHeaders(call)));
  assert.equal(response.status, 200);
  assert.deepEqual(walk.slice(walk.indexOf("serveMessage")), [
    "serveMessage",
    "answerOverHttp",
    "serveWork",
    "work",
    "handle",
    "handleMessage",
    "handleRequest",
    "answerMethod",
    "callTool",
    "answerCall",
    "runCall",
    "runTool",
    "validateAndRun",
    "runWhere",
  ]);
});
