import { z } from "zod";
import type { JsonObject } from "../mcp/message.ts";
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

/** A block without `type` is a text, as it was for the Lua hub, if it has one. */
const blockSchema = z.looseObject({ type: z.string() }).or(
  z.looseObject({ text: z.string() }).transform((block) => ({ ...block, type: "text" })),
);
const replySchema = z.looseObject({
  content: z.array(blockSchema).optional().catch(undefined),
  isError: z.boolean().optional().catch(undefined),
  structuredContent: z.record(z.string(), z.unknown()).optional().catch(undefined),
});
const textSchema = z.looseObject({ type: z.literal("text"), text: z.string() });
/** Blocks are passed on as they are: what this hub does not know, the client may. */
const contentSchema = z.custom<Content>((value) => Array.isArray(value));

/** Reads a backend's result. Whatever it holds gives a reply: the call did run. */
export function readReply(result: JsonObject): BackendReply {
  const reply = replySchema.parse(result);
  const blocks = reply.content ?? [];
  const isError = reply.isError === true;
  const prefix = isError ? "[lmcp isError] " : "";
  const first = textSchema.safeParse(blocks[0]);
  const text = first.success ? first.data.text : JSON.stringify(result);
  const content = first.success
    ? [{ ...first.data, text: prefix + text }, ...blocks.slice(1)]
    : blocks.length > 0
    ? blocks
    : [{ type: "text", text }];
  return {
    text,
    isError,
    content: contentSchema.parse(content),
    structured: reply.structuredContent ?? null,
  };
}
