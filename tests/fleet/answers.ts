import { z } from "zod";
import type { CallToolResult } from "../../lib/mcp/tool.ts";

const structuredSchema = z.looseObject({
  outcome: z.string(),
  via: z.string().nullable(),
  fallback_reason: z.string().nullable(),
});

/** What tests mostly look at in an answer: how it went, and the first text. */
export function summary(result: CallToolResult) {
  const { outcome, via, fallback_reason } = structuredSchema.parse(result.structuredContent);
  return { outcome, via, reason: fallback_reason, text: firstText(result) };
}

/** The text of an answer's first block; empty if that is no text. */
export function firstText({ content: [first] }: CallToolResult): string {
  return first?.type === "text" ? first.text : "";
}
