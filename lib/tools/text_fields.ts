import { z } from "zod";
import type { Reply } from "../work/reply.ts";

/** Fields of the tools whose answer is a text. */
export const textOutput = {
  text: z.string().nullable().describe("The answer's text; null if there was none"),
  details: z.record(z.string(), z.unknown()).nullable().describe(
    "The structured answer of the backend's tool, if there is one",
  ),
};

/** Fills `textOutput`. */
export function textFields(reply: Reply | null): Record<string, unknown> {
  if (reply === null) return { text: null, details: null };
  const { text, failure, structured } = reply;
  return { text: failure === null ? text : null, details: structured };
}
