import { createAgentTools } from "../../lib/agent/catalog.ts";
import { spawnProcess } from "../../lib/base/process.ts";
import { callContext } from "../mcp/call_context.ts";

/** An agent to be killed: starts a command in the background, tells of it, and waits. */
const [stateDirectory = ""] = Deno.args;
const tools = createAgentTools({ spawn: spawnProcess, childEnv: {}, root: "/", stateDirectory });
const result = await tools.find((tool) => tool.name === "shell_bg")?.call(
  { command: "sleep 1; echo survived" },
  callContext(),
);
const block = result?.content[0];
console.log(block?.type === "text" ? block.text : "");
await new Promise((resolve) => setTimeout(resolve, 60_000));
