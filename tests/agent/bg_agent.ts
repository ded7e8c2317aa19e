import { createAgentTools } from "../../lib/agent/catalog.ts";
import { callContext } from "../mcp/call_context.ts";
import { PLAIN_AGENT } from "./agent.ts";

/**
 * An agent to be killed: starts a command in the background, which waits for a file, prints the
 * answer, and waits.
 */
const [stateDirectory = "", file = ""] = Deno.args;
const tools = createAgentTools({ ...PLAIN_AGENT, stateDirectory });
const result = await tools.find((tool) => tool.name === "shell_bg")?.call(
  { command: `until [ -e ${file} ]; do sleep 0.02; done; echo survived` },
  callContext(),
);
const block = result?.content[0];
console.log(block?.type === "text" ? block.text : "");
await new Promise((resolve) => setTimeout(resolve, 60_000));
