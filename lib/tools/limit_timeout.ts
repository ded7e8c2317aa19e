import { COMMAND_TOOL } from "../fleet/rules.ts";
import { isJsonObject } from "../mcp/message.ts";
import { errorResult, type Tool } from "../mcp/tool.ts";
import { DEFAULT_TIMEOUT_SECONDS } from "../work/shell.ts";
import { DEFAULT_WAIT_SECONDS } from "./hosts/wait.ts";

/** A tool whose `wait` keeps a place on its host as a `timeout` does. */
const WAITING_TOOL = "remote_shell_bg";
/** How long tools take that are given no `timeout`, but for those that run something. */
const USUAL_SECONDS: ReadonlyMap<string, number> = new Map([["remote_wait", DEFAULT_WAIT_SECONDS]]);

/**
 * The tool such that nobody has it run for longer than their limit, in milliseconds (null: none).
 * Who asks for more is refused; who does not say gets no more.
 */
export function limitTimeout(tool: Tool, limitOf: (principal: string) => number | null): Tool {
  const { properties } = tool.inputSchema;
  const name = tool.name === WAITING_TOOL ? "wait" : "timeout";
  if (!isJsonObject(properties) || properties[name] === undefined) return tool;
  const usual = USUAL_SECONDS.get(tool.name) ?? DEFAULT_TIMEOUT_SECONDS;
  return {
    ...tool,
    call(args, context) {
      const limitMs = limitOf(context.principal);
      // Who does not say so does not wait.
      if (limitMs === null || name === "wait" && args.wait === undefined) {
        return tool.call(args, context);
      }
      const longest = Math.max(1, Math.floor(limitMs / 1_000));
      // A named command has a limit of its own, which it does not exceed in any case.
      const isNamed = tool.name === COMMAND_TOOL && typeof args.name === "string";
      const seconds = args[name] ?? (isNamed ? longest : Math.min(longest, usual));
      // What is no number is refused by the tool itself.
      return Number(seconds) > longest
        ? Promise.resolve(errorResult(`Error: \`${name}\` may be at most ${longest} s for you`))
        : tool.call({ ...args, [name]: seconds }, context);
    },
  };
}
