/** What a JSON object holds, of any shape. */
export type Fields = Readonly<Record<string, unknown>>;

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** The JSON object that some bytes are; null: they are none. */
export function readFields(bytes: Uint8Array): Fields | null {
  try {
    const value: unknown = JSON.parse(decoder.decode(bytes));
    return isFields(value) ? value : null;
  } catch {
    return null;
  }
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
