import type { JsonObject } from "../../../lib/mcp/message.ts";
import { at } from "../../mcp/wire.ts";
import { type Dialect, type ModelEvent, textOf } from "./dialect.ts";

/** OpenAI's older API, which most other vendors offer too. */
export const chatCompletions: Dialect = {
  path: /^\/v1\/chat\/completions$/,
  resultIn(request) {
    const messages = [at(request, "messages")].flat();
    return textOf(at(messages.find((message) => at(message, "role") === "tool"), "content"));
  },
  ask: ({ name, args }) =>
    chunks("tool_calls", {
      tool_calls: [{
        index: 0,
        id: "call_1",
        type: "function",
        function: { name, arguments: JSON.stringify(args) },
      }],
    }),
  end: () => chunks("stop", { content: "Finished" }),
};

function chunks(finish_reason: string, delta: JsonObject): ModelEvent[] {
  const chunk = (choice: JsonObject): ModelEvent => [null, {
    id: "chatcmpl_1",
    object: "chat.completion.chunk",
    created: 1,
    model: "scripted",
    choices: [{ index: 0, ...choice }],
  }];
  return [
    chunk({ delta: { role: "assistant", ...delta }, finish_reason: null }),
    chunk({ delta: {}, finish_reason }),
    [null, "[DONE]"],
  ];
}
