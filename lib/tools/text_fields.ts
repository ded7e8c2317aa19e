import { z } from "zod";
import type { Evidence } from "./result.ts";

/** Fields of the tools whose answer is a text. */
export const textOutput = {
  text: z.string().nullable().describe("The answer's text; null if there was none"),
  details: z.record(z.string(), z.unknown()).nullable().describe(
    "The backend's own structured answer, if it gave one",
  ),
};

/** Fills `textOutput`. */
export function textFields(evidence: Evidence): Record<string, unknown> {
  switch (evidence.kind) {
    case "lmcp": {
      const { text, isError, structured } = evidence.reply;
      return { text: isError ? null : text, details: structured };
    }
    case "ssh":
      return { text: evidence.rendered.ok ? evidence.rendered.text : null, details: null };
    case "none":
      return { text: null, details: null };
  }
}
