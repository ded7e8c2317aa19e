import { isJsonObject, type JsonObject } from "../../mcp/message.ts";
import type { CallToolResult } from "../../mcp/tool.ts";
import type { Reply } from "../../work/reply.ts";

type Content = CallToolResult["content"];

/**
 * Reads a backend's answer to `tools/call`. Whatever it holds becomes a reply, since the call did run. The
 * text is the first block, if that is text; else the whole result as JSON, as in the Lua hub.
 */
export function readReply(result: JsonObject): Reply {
  const content = readBlocks(result.content);
  const structured = isJsonObject(result.structuredContent) ? result.structuredContent : null;
  const [first] = content;
  const text = first?.type === "text" && typeof first.text === "string"
    ? first.text
    : JSON.stringify(result);
  const failure = result.isError === true ? text.replace(/^Error: /, "") : null;
  return content.length > 0
    ? { text, failure, structured, content }
    : { text, failure, structured };
}

/** The exit code that a backend's structured answer has; null: none. */
export function exitCodeIn({ structuredContent }: JsonObject): number | null {
  const code = isJsonObject(structuredContent) ? structuredContent.exit_code : null;
  return typeof code === "number" ? code : null;
}

/** The blocks as they are, since a client may know what this hub does not; none if one is no block. */
function readBlocks(content: unknown): Content {
  if (!Array.isArray(content)) return [];
  const blocks = content.map(withType);
  return areBlocks(blocks) ? blocks : [];
}

/** A block without `type` is a text, as it was for the Lua hub, if it has one. */
function withType(block: unknown): unknown {
  if (!isJsonObject(block) || typeof block.type === "string") return block;
  return typeof block.text === "string" ? { ...block, type: "text" } : block;
}

function areBlocks(blocks: readonly unknown[]): blocks is Content {
  return blocks.every((block) => isJsonObject(block) && typeof block.type === "string");
}
