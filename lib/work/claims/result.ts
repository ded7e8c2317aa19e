import { Buffer } from "node:buffer";
import { isJsonObject, type JsonObject } from "../../mcp/message.ts";

/** Longest answer that is kept in a claim. */
export const MAX_RESULT_BYTES = 12 * 1024 * 1024;
/** What is kept of each text in a longer one: its beginning and its end, in characters. */
const KEPT = { head: 16 * 1024, tail: 48 * 1024 };

/** An answer as it is kept in its claim. One that is too long is cut, and says so. */
export function writeResult(result: JsonObject): string {
  const whole = JSON.stringify(result);
  if (Buffer.byteLength(whole) <= MAX_RESULT_BYTES) return whole;
  const cut = JSON.stringify(cutTexts(result));
  if (Buffer.byteLength(cut) <= MAX_RESULT_BYTES) return cut;
  const { isError = false } = result;
  return JSON.stringify({ content: [{ type: "text", text: NOTHING_KEPT }], isError });
}

const NOTHING_KEPT = "[it ran, but its answer was too long to be kept]";

function cutTexts(value: JsonObject): JsonObject {
  const cut = Object.entries(value).map(([key, member]) => [key, cutIn(member)] as const);
  const isCut = value.truncated === false && cut.some(([key, member]) => value[key] !== member);
  return { ...Object.fromEntries(cut), ...(isCut ? { truncated: true } : {}) };
}

function cutIn(value: unknown): unknown {
  if (typeof value === "string") return cutText(value);
  if (Array.isArray(value)) return value.map(cutIn);
  return isJsonObject(value) ? cutTexts(value) : value;
}

function cutText(text: string): string {
  const missing = text.length - KEPT.head - KEPT.tail;
  if (missing <= 0) return text;
  const note = `\n[${missing} characters were too many to be kept with the call]\n`;
  return (text.slice(0, KEPT.head) + note + text.slice(-KEPT.tail)).toWellFormed();
}
