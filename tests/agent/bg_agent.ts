import { createAgentTools } from "../../lib/agent/catalog.ts";
import { callContext } from "../mcp/call_context.ts";
import { PLAIN_AGENT } from "./agent.ts";

/** An agent to be killed: starts a command in the background, prints the answer, and waits. */
const [stateDirectory = ""] = Deno.args;
const tools = createAgentTools({ ...PLAIN_AGENT, stateDirectory });
const result = await tools.find((tool) => tool.name === "shell_bg")?.call(
  { command: "sleep 1; echo survived" },
  callContext(),
);
const block = result?.content[0];
console.log(block?.type === "text" ? block.text : "");
await new Promise((resolve) => setTimeout(resolve, 60_000));
