import { isJsonObject, type JsonObject } from "./message.ts";

/** A shorter text is serialised again in less time than this takes. */
const LONG_CHARS = 64 * 1024;

/**
 * A tool's result as JSON. A long text mostly stands in it twice, as the first block of `content`
 * and in `structuredContent`: it is serialised once.
 */
export function toResultJson(result: JsonObject): string {
  const text = longTextOf(result);
  if (text === null) return JSON.stringify(result);
  // Nobody can have foreseen the mark, so it stands for the text alone.
  const mark = crypto.randomUUID();
  const json = JSON.stringify(result, (_key, value) => value === text ? mark : value);
  const textJson = JSON.stringify(text);
  return json.replaceAll(`"${mark}"`, () => textJson);
}

function longTextOf({ content }: JsonObject): string | null {
  const [first]: readonly unknown[] = Array.isArray(content) ? content : [];
  const text = isJsonObject(first) ? first.text : null;
  return typeof text === "string" && text.length >= LONG_CHARS ? text : null;
}
