import { META_CLIENT_CAPABILITIES, META_PROTOCOL_VERSION } from "./era.ts";
import { isJsonObject, type JsonObject } from "./message.ts";
import type { CallToolResult } from "./tool.ts";

/** What a client sends with a call that it makes again, since the first one asked for input. */
export interface GivenInput {
  /** The state that the server gave it. */
  readonly state: string;
  /** Its answers, by the names of the requests. */
  readonly responses: JsonObject;
}

/** A question to the person at the client. */
export interface Question {
  readonly name: string;
  readonly message: string;
  /** JSON Schema of the answer, a flat object. */
  readonly schema: JsonObject;
  /** Comes back with the answer. */
  readonly state: string;
}

/** The input in a modern request's `params`; null: there is none. */
export function readInput(params: JsonObject): GivenInput | null {
  const { requestState: state, inputResponses: responses, _meta: meta } = params;
  if (!isJsonObject(meta) || meta[META_PROTOCOL_VERSION] === undefined) return null;
  if (typeof state !== "string") return null;
  return { state, responses: isJsonObject(responses) ? responses : {} };
}

/**
 * Whether the client of a request with such `_meta` asks its user what a server wants to know, in a
 * form. One of an older revision cannot be asked, whatever it has declared: there is no stream to it.
 */
export function canBeAsked(meta: JsonObject): boolean {
  const capabilities = meta[META_CLIENT_CAPABILITIES];
  if (meta[META_PROTOCOL_VERSION] === undefined || !isJsonObject(capabilities)) return false;
  const { elicitation } = capabilities;
  return isJsonObject(elicitation) && (isJsonObject(elicitation.form) || !("url" in elicitation));
}

/** The result that asks a question: the client makes its call again with the answer. */
export function askForInput({ name, message, schema, state }: Question): CallToolResult {
  return {
    content: [],
    // As for the record of the call, which has done nothing.
    isError: true,
    inputRequests: {
      [name]: {
        method: "elicitation/create",
        params: { mode: "form", message, requestedSchema: schema },
      },
    },
    requestState: state,
  };
}
