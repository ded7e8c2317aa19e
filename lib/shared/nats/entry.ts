import type { KvEntry } from "@nats-io/kv";
import type { Entry } from "../table.ts";

/** An entry as JetStream has it; null: it was deleted. */
export function toEntry({ key, value, revision, operation }: KvEntry): Entry | null {
  return operation === "PUT" ? { key, value, revision } : null;
}
