import { createHash } from "node:crypto";
import { z } from "zod";
import type { Redact } from "../../base/text/redact.ts";
import type { HostState } from "../../fleet/health.ts";
import type { Host } from "../../fleet/host.ts";
import { VIAS } from "../../fleet/transport.ts";
import { readJsonBytes, toJsonBytes } from "../../shared/json.ts";
import { wallTime } from "../../shared/wall_time.ts";

const reason = z.string().max(8_192).nullable();

const shared = z.object({
  /** Of the ways to the host: another hub's configuration may be newer. */
  address: z.string(),
  up: z.boolean(),
  via: z.enum(VIAS).nullable(),
  error: reason,
  detail: reason,
  fallbackReason: reason,
  toolCount: z.int().nullable(),
  latencyMs: z.number().nullable(),
  /** What was measured then; null: nothing. */
  measuredMs: z.number().nullable(),
  checkedAt: wallTime,
  nextProbeAt: wallTime,
});

/** A state of a host, and the latency that was measured then; null: none. */
export interface SharedHostState {
  readonly state: HostState;
  readonly measuredMs: number | null;
}

/** A host's state as hubs share it. */
export function writeHostState(
  host: Host,
  { state, measuredMs }: SharedHostState,
  redact: Redact,
): Uint8Array {
  const { error, detail, fallbackReason = null, ...rest } = state;
  const value: z.input<typeof shared> = {
    ...rest,
    address: addressOf(host),
    error: error && redact(error),
    detail: detail && redact(detail),
    fallbackReason: fallbackReason && redact(fallbackReason),
    measuredMs,
  };
  return toJsonBytes(value);
}

/** Null: it is broken, or of a host that has other ways to it. */
export function readHostState(bytes: Uint8Array, host: Host): SharedHostState | null {
  const read = readJsonBytes(bytes, shared);
  if (read === null) return null;
  const { address, measuredMs, fallbackReason, ...state } = read;
  if (address !== addressOf(host)) return null;
  return { state: fallbackReason === null ? state : { ...state, fallbackReason }, measuredMs };
}

function addressOf({ lmcpUrl, natsName, sshHost }: Host): string {
  const ways = JSON.stringify([lmcpUrl, natsName, sshHost]);
  return createHash("sha256").update(ways).digest("base64url");
}
