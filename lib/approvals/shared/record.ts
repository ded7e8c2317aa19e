import { z } from "zod";
import { readJsonBytes, toJsonBytes } from "../../shared/json.ts";
import { wallTime } from "../../shared/wall_time.ts";
import type { Approval } from "../store.ts";

const text = z.string().max(64 * 1024);

const record = z.object({
  id: text,
  asked: z.enum(["client", "operator"]),
  principal: text,
  tool: text,
  digests: z.object({ arguments: text, hosts: text }),
  hosts: text,
  shown: text,
  signingKey: text,
  askedAt: wallTime,
  expiresAt: wallTime,
  /** `dropped`: somebody has forgotten it, and it is removed. */
  state: z.enum(["waiting", "allowed", "denied", "used", "dropped"]),
  decidedBy: text.nullable(),
});

/** What hubs know of an approval. */
export interface ApprovalRecord extends Omit<Approval, "state"> {
  readonly state: Approval["state"] | "dropped";
}

/** A record as the table holds it. */
export function writeApproval(approval: ApprovalRecord): Uint8Array {
  return toJsonBytes(approval);
}

/** Null: it is broken, or another one's. */
export function readApproval(key: string, bytes: Uint8Array): ApprovalRecord | null {
  const read = readJsonBytes(bytes, record);
  return read?.id === key ? read : null;
}
