import { isJsonObject, type JsonObject } from "../mcp/message.ts";
import type { CallToolResult } from "../mcp/tool.ts";

type Content = CallToolResult["content"];

/** A backend's answer to `tools/call`, read. */
export interface BackendReply {
  /** Its first block, if that is text; else the whole result as JSON, as in the Lua hub. */
  readonly text: string;
  readonly isError: boolean;
  /** All content blocks, in order; the first text carries the Lua hub's prefix for errors. */
  readonly content: Content;
  readonly structured: JsonObject | null;
}

/** Reads a backend's result. Whatever it holds gives a reply: the call did run. */
export function readReply(result: JsonObject): BackendReply {
  const blocks = readBlocks(result.content);
  const isError = result.isError === true;
  const structured = isJsonObject(result.structuredContent) ? result.structuredContent : null;
  const [first, ...others] = blocks;
  if (first?.type === "text" && typeof first.text === "string") {
    const { text } = first;
    const content = isError ? [{ ...first, text: `[lmcp isError] ${text}` }, ...others] : blocks;
    return { text, isError, content, structured };
  }
  const text = JSON.stringify(result);
  const content = blocks.length > 0 ? blocks : [{ type: "text" as const, text }];
  return { text, isError, content, structured };
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
