import { createHash } from "node:crypto";

/** What `keyedClaimId()` makes an id of. */
export interface ClaimKey {
  readonly principal: string;
  readonly host: string;
  readonly key: string;
}

/** 32 digits, after a `k` if a caller's key was made into them, and which attempt it is. */
const ID = /^(k?[0-9a-f]{32})(?:-([1-9][0-9]?))?$/;
/** Ids that are tried for one call. */
const MAX_ATTEMPTS = 99;

/** Whether a value is the id of a claim: nothing else becomes the name of a folder. */
export function isClaimId(value: unknown): value is string {
  return typeof value === "string" && ID.test(value);
}

/** A new id, for one call. */
export function newClaimId(): string {
  return crypto.randomUUID().replaceAll("-", "");
}

/** The id of all calls with this key: the same in each hub. */
export function keyedClaimId({ principal, host, key }: ClaimKey): string {
  const digest = createHash("sha256").update(JSON.stringify([principal, host, key])).digest("hex");
  return `k${digest.slice(0, 32)}`;
}

/** The id that follows one that is fenced: `ID`, `ID-2`, `ID-3`; null: that was the last. */
export function nextClaimId(id: string): string | null {
  const [, start = "", attempt = "1"] = ID.exec(id) ?? [];
  const next = Number(attempt) + 1;
  return next > MAX_ATTEMPTS ? null : `${start}-${next}`;
}
