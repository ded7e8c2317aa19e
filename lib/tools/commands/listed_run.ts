import type { Host } from "../../fleet/host.ts";
import { toInputSchema } from "../../mcp/json/schema.ts";
import type { Tool } from "../../mcp/tool.ts";
import { aloneInput, mixedInput } from "../run/input.ts";
import type { CommandRights } from "./rights.ts";
import { listCommands } from "./usage.ts";

/** Characters of the tool's description: some clients refuse longer ones. */
const MAX_DESCRIPTION = 1_000;

const ALONE = "Run one of the named commands below on one, many or all remote machines at once. " +
  "Equal results are shown once. Unknown outcome: check that host before you repeat it.";

/** `remote_run` as a caller sees it, and whether its description says all of the named commands. */
export interface ListedRun {
  readonly tool: Tool;
  readonly isWhole: boolean;
}

/** Describes `remote_run` to a caller with these rights; without commands it stays as it is. */
export function listRun(
  tool: Tool,
  { commands, isAlone }: CommandRights,
  hosts: ReadonlyMap<string, Host>,
): ListedRun {
  if (commands.size === 0) return { tool, isWhole: true };
  const start = isAlone ? ALONE : tool.description;
  const maxChars = MAX_DESCRIPTION - start.length - 1;
  const { text, isWhole } = listCommands(commands, { hosts, maxChars });
  return {
    tool: {
      ...tool,
      description: `${start}\n${text}`,
      inputSchema: toInputSchema(isAlone ? aloneInput : mixedInput),
    },
    isWhole,
  };
}
