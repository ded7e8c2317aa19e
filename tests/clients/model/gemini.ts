import type { JsonObject } from "../../../lib/mcp/message.ts";
import { at } from "../../mcp/wire.ts";
import { type Dialect, type ModelEvent, textOf } from "./dialect.ts";

/** Google's Gemini API. */
export const gemini: Dialect = {
  path: /^\/v1beta\/models\/[^/]+:streamGenerateContent$/,
  resultIn(request) {
    const parts = [at(request, "contents")].flat().flatMap((content) => at(content, "parts"));
    const result = parts.map((part) => at(part, "functionResponse", "response"))
      .find((response) => response !== undefined);
    return textOf(at(result, "output") ?? at(result, "error"));
  },
  ask: ({ name, args }) => content({ functionCall: { id: "1", name, args } }),
  end: () => content({ text: "Finished" }),
};

function content(part: JsonObject): ModelEvent[] {
  return [[null, {
    candidates: [{ index: 0, content: { role: "model", parts: [part] }, finishReason: "STOP" }],
    usageMetadata: { promptTokenCount: 1, candidatesTokenCount: 1, totalTokenCount: 2 },
  }]];
}
