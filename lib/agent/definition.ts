import type { z } from "zod";
import { defineTool, errorResult, type Tool, type ToolDefinition } from "../mcp/tool.ts";
import { Failure } from "../work/failure.ts";

/** Like `defineTool()`; a `Failure` that `run` throws becomes a result with `isError`. */
export function defineAgentTool<Input extends z.ZodObject>(
  definition: ToolDefinition<Input>,
): Tool {
  return defineTool({
    ...definition,
    run: async (args, context) => {
      try {
        return await definition.run(args, context);
      } catch (error) {
        if (error instanceof Failure) return errorResult(`Error: ${error.message}`);
        throw error;
      }
    },
  });
}
