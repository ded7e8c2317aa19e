import type { Redact } from "../base/text/redact.ts";
import { claimantOf } from "../fleet/claimant.ts";
import { isJsonObject, type JsonObject } from "../mcp/message.ts";
import type { CallToolResult, Tool } from "../mcp/tool.ts";

/**
 * The tool for callers who must not learn the hub's tokens: whatever it answers or reports to a named
 * client is without them, a file's content too. Operators read files as they are.
 */
export function hideSecrets(tool: Tool, redact: Redact): Tool {
  return {
    ...tool,
    call: async (args, context) => {
      if (claimantOf(context.principal).isOperator) return await tool.call(args, context);
      const { reportProgress } = context;
      const result = await tool.call(args, {
        ...context,
        reportProgress: reportProgress && ((line) => reportProgress(redact(line))),
      });
      return hideInResult(result, rememberLast(redact));
    },
  };
}

type Block = CallToolResult["content"][number];

function hideInResult(result: CallToolResult, redact: Redact): CallToolResult {
  const { content, structuredContent } = result;
  return {
    ...result,
    content: content.map((block: Block) => ({ ...block, ...hideInObject(block, redact) })),
    ...(structuredContent === undefined
      ? {}
      : { structuredContent: hideInObject(structuredContent, redact) }),
  };
}

function hideInObject(object: Readonly<Record<string, unknown>>, redact: Redact): JsonObject {
  return Object.fromEntries(
    Object.entries(object).map(([key, value]) => [redact(key), hideIn(value, redact)]),
  );
}

function hideIn(value: unknown, redact: Redact): unknown {
  if (typeof value === "string") return redact(value);
  if (Array.isArray(value)) return value.map((element) => hideIn(element, redact));
  return isJsonObject(value) ? hideInObject(value, redact) : value;
}

/** A long text is usually in an answer twice, as content and as structure. */
function rememberLast(redact: Redact): Redact {
  let last = { text: "", redacted: "" };
  return (text) => {
    if (text !== last.text) last = { text, redacted: redact(text) };
    return last.redacted;
  };
}
