import type { JsonObject } from "../../../lib/mcp/message.ts";
import { at } from "../../mcp/wire.ts";
import { type Dialect, type ModelEvent, textOf } from "./dialect.ts";

/** Anthropic's Messages API. */
export const anthropic: Dialect = {
  path: /^\/v1\/messages$/,
  resultIn(request) {
    const parts = [at(request, "messages")].flat().flatMap((message) => at(message, "content"));
    const result = parts.find((part) => at(part, "type") === "tool_result");
    return textOf(at(result, "content"));
  },
  ask: ({ name, args, index = 0 }) =>
    message(
      "tool_use",
      { type: "tool_use", id: `toolu_${index}`, name, input: {} },
      { type: "input_json_delta", partial_json: JSON.stringify(args) },
    ),
  end: () =>
    message("end_turn", { type: "text", text: "" }, { type: "text_delta", text: "Finished" }),
};

function message(stop_reason: string, content_block: JsonObject, delta: JsonObject): ModelEvent[] {
  const start = {
    id: "msg_1",
    type: "message",
    role: "assistant",
    model: "scripted",
    content: [],
    stop_reason: null,
    stop_sequence: null,
    usage: { input_tokens: 1, output_tokens: 1 },
  };
  const events: JsonObject[] = [
    { type: "message_start", message: start },
    { type: "content_block_start", index: 0, content_block },
    { type: "content_block_delta", index: 0, delta },
    { type: "content_block_stop", index: 0 },
    {
      type: "message_delta",
      delta: { stop_reason, stop_sequence: null },
      usage: { output_tokens: 1 },
    },
    { type: "message_stop" },
  ];
  return events.map((event) => [String(event.type), event]);
}
