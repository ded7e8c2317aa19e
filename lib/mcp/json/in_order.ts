import { isJsonObject } from "../message.ts";

/** JSON whose members are in an order that does not depend on who wrote it. */
export function inOrder(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inOrder);
  if (!isJsonObject(value)) return value;
  const entries = Object.entries(value).sort(([a], [b]) => a < b ? -1 : 1);
  return Object.fromEntries(entries.map(([name, member]) => [name, inOrder(member)]));
}
