import { createAgentTools } from "../../../lib/agent/catalog.ts";
import { callContext } from "../../mcp/call_context.ts";
import { PLAIN_AGENT } from "../agent.ts";

/** An agent with few permissions: prints the beginning of what `read_file` says of some paths. */
const tools = createAgentTools({
  ...PLAIN_AGENT,
  childEnv: { LD_LIBRARY_PATH: "" },
});
const readFile = tools.find((tool) => tool.name === "read_file");
for (const path of ["/proc/1/status", "/proc/1/none", "/proc/1", "/dev/ptmx"]) {
  const result = await readFile?.call({ path }, callContext());
  const block = result?.content[0];
  const text = block?.type === "text" ? block.text : "";
  console.log(`${path}: ${result?.isError ? text : text.slice(0, text.indexOf(":") + 1)}`);
}
