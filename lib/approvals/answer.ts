import { isJsonObject, type JsonObject } from "../mcp/message.ts";

/** What a client is asked under. */
export const ANSWER_NAME = "approval";

/** The form that the person at a client fills in. Nothing is chosen beforehand. */
export const ANSWER_SCHEMA: JsonObject = {
  type: "object",
  properties: {
    run: {
      type: "boolean",
      title: "Run it",
      description: "Yes: this call runs, once. No: nothing runs",
    },
  },
  required: ["run"],
};

/** What the person has said; `dismissed`: neither yes nor no; `unclear`: no answer of the form. */
export type PersonsAnswer = "allowed" | "denied" | "dismissed" | "unclear";

/** Reads the answer among those of a client. What is no clear yes is none. */
export function readAnswer(responses: JsonObject): PersonsAnswer {
  const response = responses[ANSWER_NAME];
  const { action, content } = isJsonObject(response) ? response : {};
  if (action === "decline") return "denied";
  if (action === "cancel") return "dismissed";
  const run = isJsonObject(content) ? content.run : null;
  if (action !== "accept" || typeof run !== "boolean") return "unclear";
  return run ? "allowed" : "denied";
}
