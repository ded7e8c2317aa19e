import { isJsonObject } from "../message.ts";

const MAX_SHOWN_CHARS = 60;

/** The beginning of a value's JSON, for an error's text: what a caller sends may be very long. */
export function showValue(value: unknown): string {
  const text = writeStart(value, MAX_SHOWN_CHARS + 1);
  return text.length <= MAX_SHOWN_CHARS ? text : `${text.slice(0, MAX_SHOWN_CHARS)}…`;
}

/** At least the first `chars` characters of a value's JSON: all of it may be very long. */
function writeStart(value: unknown, chars: number): string {
  if (typeof value === "string") return JSON.stringify(value.slice(0, chars));
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? String(value);
  let text = "";
  for (const [name, part] of partsOf(value)) {
    if (text.length >= chars) break;
    text += `${text === "" ? "" : ","}${name}${writeStart(part, chars)}`;
  }
  return Array.isArray(value) ? `[${text}]` : `{${text}}`;
}

/** The parts of an array or an object, each with what stands before it in JSON. */
function* partsOf(value: object): Generator<readonly [name: string, part: unknown]> {
  if (Array.isArray(value)) {
    for (const part of value) yield ["", part];
  } else if (isJsonObject(value)) {
    for (const key of Object.keys(value)) yield [`${JSON.stringify(key)}:`, value[key]];
  }
}
