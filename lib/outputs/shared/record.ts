import { z } from "zod";
import { isSubjectId } from "../../nats/subjects.ts";
import { readJsonBytes, toJsonBytes } from "../../shared/json.ts";
import { wallTime } from "../../shared/wall_time.ts";

/** Pieces of one answer, at most. */
const MAX_PIECES = 1_024;

const record = z.discriminatedUnion("kind", [
  z.object({
    kind: z.literal("running"),
    principal: z.string(),
    /** Which hub runs the call. */
    hub: z.string().refine(isSubjectId),
    at: wallTime,
  }),
  z.object({
    kind: z.literal("ended"),
    principal: z.string(),
    isError: z.boolean(),
    bytes: z.int().min(0),
    pieces: z.int().min(0).max(MAX_PIECES),
    at: wallTime,
  }),
  z.object({ kind: z.literal("gone"), principal: z.string(), at: wallTime }),
]);

/** What hubs know of one id; `at`: since when, in milliseconds since 1970. */
export type OutputRecord = z.output<typeof record>;

/** Of all records, and of nothing else. */
export const ALL_RECORDS = "*.*";

/** The place of an id among those of its owner; null: no id is like this. */
export function recordKey(owner: string, id: string): string | null {
  return /^o-[a-z0-9]{6,16}$/.test(id) ? `${owner}.${id}` : null;
}

/** The owner in the key of a record. */
export function ownerIn(key: string): string {
  return key.slice(0, key.indexOf("."));
}

/** Where one piece of an answer is. */
export function pieceKey(key: string, index: number | "*"): string {
  return `${key}.${index}`;
}

/** A record as the table holds it. */
export function writeRecord(value: OutputRecord): Uint8Array {
  return toJsonBytes(value);
}

/** Null: it is broken. */
export function readRecord(bytes: Uint8Array): OutputRecord | null {
  return readJsonBytes(bytes, record);
}
