import assert from "node:assert/strict";
import { type CallToolResult, CallToolResultSchema } from "@modelcontextprotocol/sdk/types.js";
import { writeResultJson } from "../../lib/mcp/json/pieces.ts";
import type { AnswerRoom } from "../../lib/mcp/room.ts";

/** A tool's result as its client reads it, with the long texts that are in the room. */
export async function readResult(
  result: CallToolResult,
  room: AnswerRoom,
): Promise<CallToolResult> {
  if (!room.hasTexts) return result;
  const json = await writeResultJson(result, room);
  assert.ok(json, room.shortage);
  const rest = await new Response(ReadableStream.from(json.rest)).text();
  return CallToolResultSchema.parse(JSON.parse(json.text + rest));
}
