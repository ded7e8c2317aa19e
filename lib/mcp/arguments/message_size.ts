import { isJsonObject, type JsonObject, MAX_MESSAGE_BYTES } from "../message.ts";

/** The longest message that carries no content of a file, or the like. */
export const SHORT_MESSAGE_BYTES = 1024 * 1024;

/** How long the message of a call may be: long only where an argument is of any length. */
export function maxMessageBytesOf(inputSchema: JsonObject): number {
  const { properties } = inputSchema;
  const types = isJsonObject(properties) ? Object.values(properties) : [];
  return types.every(isShort) ? SHORT_MESSAGE_BYTES : MAX_MESSAGE_BYTES;
}

function isShort(schema: unknown): boolean {
  if (!isJsonObject(schema)) return false;
  if (Array.isArray(schema.enum) || typeof schema.maxLength === "number") return true;
  const types: readonly unknown[] = Array.isArray(schema.type) ? schema.type : [schema.type];
  return types.every((type) => type === "integer" || type === "boolean" || type === "null");
}
