import type { Registry } from "../../fleet/host.ts";
import { COMMAND_TOOL } from "../../fleet/rules.ts";
import { isJsonObject } from "../../mcp/message.ts";
import type { Tool } from "../../mcp/tool.ts";
import { APPROVAL } from "./calls.ts";

/** Whether any call waits for a person. */
export function asksPersons({ confirm = [], commands = new Map() }: Registry): boolean {
  return confirm.length > 0 || [...commands.values()].some(isConfirmed);
}

/** A tool as its callers see it: with the argument for approvals where some calls of it need one. */
export function listConfirmed(tool: Tool, registry: Registry): Tool {
  if (!isEverConfirmed(tool, registry)) return tool;
  const { properties } = tool.inputSchema;
  return {
    ...tool,
    inputSchema: {
      ...tool.inputSchema,
      properties: {
        ...(isJsonObject(properties) ? properties : {}),
        [APPROVAL]: { type: "string", description: "Id, once a person has allowed the call" },
      },
    },
  };
}

function isEverConfirmed(
  { name, readOnly }: Tool,
  { confirm = [], commands = new Map() }: Registry,
): boolean {
  const isNamed = name === COMMAND_TOOL && [...commands.values()].some(isConfirmed);
  return isNamed ||
    confirm.some(({ tools }) => tools === null ? mayChange(name, readOnly) : tools.has(name));
}

/** One that can switch machines on is called read-only, since it mostly is. */
function mayChange(name: string, readOnly: boolean): boolean {
  return !readOnly || name === "remote_wait";
}

function isConfirmed({ mustBeConfirmed }: { readonly mustBeConfirmed: boolean }): boolean {
  return mustBeConfirmed;
}
