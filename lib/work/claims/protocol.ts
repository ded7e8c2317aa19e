import { isJsonObject, type JsonObject } from "../../mcp/message.ts";
import { isClaimId } from "./id.ts";

/** Key of `_meta` in a `tools/call`, and in the answer to one that found its claim taken. */
export const META_CLAIM = "lmcp-hub/claim";
/** Key of `_meta` in what a backend first says of itself: it keeps claims; without a folder, not now. */
export const META_CLAIMS = "lmcp-hub/claims";
/** The method that asks what became of a claim. */
export const SETTLE_METHOD = "lmcp-hub/settle";

/** The right to run one call once. */
export interface Claim {
  readonly id: string;
  /** Of the tool and its arguments, for a call with a key; null: the id is of one call alone. */
  readonly digest: string | null;
}

/** Where a backend keeps its claims. */
export interface ClaimFolder {
  /** Absolute path. */
  readonly directory: string;
  /** Says which folder it is: there may be others of that path, in a container or on another machine. */
  readonly id: string;
  /** Id of the boot that the host runs since. */
  readonly boot: string;
}

/** What is asked about a claim. */
export interface SettleRequest {
  readonly id: string;
  /** The folder that the claim must be in. */
  readonly folder: string;
  /** The boot that the call was sent to: another machine may have a copy of the folder. Null: any. */
  readonly boot: string | null;
  /** For so many seconds the call may have been there: older claims must be known. */
  readonly ageSeconds: number;
  /** How long to wait for the end of one that runs. */
  readonly waitMs: number;
  /** Whether one that runs is to be ended. */
  readonly cancel: boolean;
}

/** A claim in the `_meta` of a call. */
export function claimMeta({ id, digest }: Claim): JsonObject {
  return { [META_CLAIM]: digest === null ? { id } : { id, digest } };
}

/** The claim in `_meta` of a call; null: none, undefined: one that cannot be read. */
export function readClaim(meta: JsonObject): Claim | null | undefined {
  const claim = meta[META_CLAIM];
  if (claim === undefined) return null;
  if (!isJsonObject(claim) || !isClaimId(claim.id)) return undefined;
  const { id, digest = null } = claim;
  return digest === null || isDigest(digest) ? { id, digest } : undefined;
}

/** The folder that a backend announces in its `_meta`; null: it keeps no claims. */
export function readClaimFolder(meta: unknown): ClaimFolder | null {
  const folder = isJsonObject(meta) ? meta[META_CLAIMS] : null;
  if (!isJsonObject(folder)) return null;
  const { directory, id, boot } = folder;
  return isPlainPath(directory) && isToken(id) && isToken(boot) ? { directory, id, boot } : null;
}

/** Whether a backend announces that it keeps claims, be it not now. */
export function announcesClaims(meta: unknown): boolean {
  return isJsonObject(meta) && isJsonObject(meta[META_CLAIMS]);
}

/** A request for `SETTLE_METHOD`; null: it cannot be read. */
export function readSettleRequest(params: JsonObject): SettleRequest | null {
  const { id, folder, boot = null, ageSeconds, waitMs = 0, cancel = false } = params;
  const isReadable = isClaimId(id) && isToken(folder) && (boot === null || isToken(boot)) &&
    isWhole(ageSeconds) && isWhole(waitMs) && typeof cancel === "boolean";
  return isReadable ? { id, folder, boot, ageSeconds, waitMs, cancel } : null;
}

function isWhole(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

function isDigest(value: unknown): value is string {
  return typeof value === "string" && /^[0-9a-f]{64}$/.test(value);
}

/** A path that a shell and a line of a file can hold, and that leads nowhere else. */
function isPlainPath(path: unknown): path is string {
  return typeof path === "string" && path.length <= 4_096 && path.startsWith("/") &&
    !/[\p{Cc}]/u.test(path) &&
    !path.split("/").includes("..");
}

function isToken(value: unknown): value is string {
  return typeof value === "string" && /^[0-9A-Za-z-]{1,64}$/.test(value);
}
