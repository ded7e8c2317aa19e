import type { CallToolResult } from "../mcp/tool.ts";

type Block = CallToolResult["content"][number];

/** All that a result says as one text. What is no text is only named. */
export function textOf({ content }: CallToolResult): string {
  return content
    .map((block: Block) => block.type === "text" ? block.text : `[${block.type}: not kept]`)
    .join("\n");
}
