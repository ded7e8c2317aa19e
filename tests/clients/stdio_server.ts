import { createServer } from "../../lib/mcp/server.ts";
import { serveStdio } from "../../lib/mcp/stdio.ts";
import { echo } from "../mcp/fixture_tools.ts";

const tools = [echo];

await serveStdio({
  server: createServer({ name: "test-server", version: "0.0.1", tools: () => tools, log() {} }),
  input: Deno.stdin.readable,
  output: Deno.stdout.writable,
  principal: "local",
  signal: new AbortController().signal,
});
