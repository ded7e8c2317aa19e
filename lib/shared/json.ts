import type { z } from "zod";
import { decodeUtf8 } from "../base/bytes.ts";

/** A value as a table holds it. */
export function toJsonBytes(value: unknown): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(value));
}

/** The value that a schema accepts; null: it is broken, or of another version of this program. */
export function readJsonBytes<T>(bytes: Uint8Array, schema: z.ZodType<T>): T | null {
  const text = decodeUtf8(bytes);
  if (text === null) return null;
  try {
    return schema.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null;
  }
}
