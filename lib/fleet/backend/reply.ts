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
  const failure = result.isError === true ? text.replace(/^Error: /, "") : whatIsMissing(result);
  return content.length > 0
    ? { text, failure, structured, content }
    : { text, failure, structured };
}

/** Why a result is no final one, though no error; null: it is. */
function whatIsMissing({ resultType, task }: JsonObject): string | null {
  if (resultType === "input_required") {
    return "the backend asks for input before it goes on, which lmcp-hub does not support";
  }
  return isJsonObject(task)
    ? "the backend answers with a task that may still be running, which lmcp-hub does not support"
    : null;
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

/** To the Lua hub a block without `type` was a text, and a number was one too. */
function withType(block: unknown): unknown {
  if (!isJsonObject(block)) return block;
  const { type = "text", text } = block;
  if (type !== "text" || typeof text !== "string" && typeof text !== "number") return block;
  return { ...block, type, text: String(text) };
}

function areBlocks(blocks: readonly unknown[]): blocks is Content {
  return blocks.every((block) =>
    isJsonObject(block) && typeof block.type === "string" &&
    (block.type !== "text" || typeof block.text === "string")
  );
}
