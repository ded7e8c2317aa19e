/** A JSON object as parsed: nothing is known of its values. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** What the bridge knows of a message; all else is passed on as it is. */
export interface Envelope {
  /** null: it is a notification, or an answer. */
  readonly id: string | number | null;
  readonly method: string;
  readonly params: JsonObject;
}

/** What is no request, and no notification. */
const OTHER: Envelope = { id: null, method: "", params: {} };

/** JSON-RPC 2.0 section 5.1. */
export const PARSE_ERROR = -32700;
/** JSON-RPC leaves -32000 to -32099 to servers. */
export const UNAVAILABLE = -32000;

/** The envelope of a message; null: it is no JSON. */
export function readEnvelope(line: string): Envelope | null {
  const message = parseJson(line);
  if (message === undefined) return null;
  if (!isObject(message) || typeof message.method !== "string") return OTHER;
  const { id, method, params } = message;
  return {
    id: typeof id === "string" || typeof id === "number" ? id : null,
    method,
    params: isObject(params) ? params : {},
  };
}

/** Parses a text; undefined: it is no JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Whether a value is a JSON object. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The line of an error. */
export function errorLine(id: Envelope["id"], code: number, message: string): string {
  return JSON.stringify({ jsonrpc: "2.0", id, error: { code, message } });
}
