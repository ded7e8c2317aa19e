import type { JsonObject } from "../../../lib/mcp/message.ts";
import { at } from "../../mcp/wire.ts";
import { type Dialect, type ModelEvent, textOf } from "./dialect.ts";

/** OpenAI's Responses API. */
export const responses: Dialect = {
  path: /^\/v1\/responses$/,
  resultIn(request) {
    const items = [at(request, "input")].flat();
    const result = items.find((item) => at(item, "type") === "function_call_output");
    return textOf(at(result, "output"));
  },
  ask: ({ name, namespace, args }) =>
    response({
      type: "function_call",
      id: "fc_1",
      call_id: "call_1",
      name,
      namespace,
      arguments: JSON.stringify(args),
    }),
  end: () =>
    response({
      type: "message",
      id: "msg_1",
      role: "assistant",
      content: [{ type: "output_text", text: "Finished" }],
    }),
};

function response(item: JsonObject): ModelEvent[] {
  const usage = { input_tokens: 1, output_tokens: 1, total_tokens: 2 };
  const events: JsonObject[] = [
    { type: "response.created", response: { id: "resp_1" } },
    { type: "response.output_item.done", output_index: 0, item },
    { type: "response.completed", response: { id: "resp_1", usage } },
  ];
  return events.map((event) => [String(event.type), event]);
}
