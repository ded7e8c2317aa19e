import type { Logger } from "../../base/log.ts";
import type { Clock } from "../../base/time/clock.ts";
import type { NatsConnection } from "../../nats/connection.ts";
import type { SharedState } from "../state.ts";
import { type BucketBounds, openBucket } from "./bucket.ts";
import { openPeers } from "./peers.ts";

const MIB = 1024 * 1024;
const HOUR_MS = 3_600_000;

/** Options of `openShared()`. */
export interface SharedOptions {
  /** Of this hub: letters, digits and `-`. */
  readonly id: string;
  readonly connection: NatsConnection;
  readonly clock: Pick<Clock, "now" | "after" | "every">;
  readonly log: Pick<Logger, "error" | "warn" | "debug">;
}

/** What hubs share, until it is closed. */
export interface OpenShared extends SharedState {
  /** The connection stays open. */
  readonly close: () => Promise<void>;
}

/** Opens what the hubs of one NATS have in common; its buckets are made where they are missing. */
export function openShared(options: SharedOptions): OpenShared {
  const bucket = (name: string, bounds: BucketBounds) =>
    openBucket({ ...options, name: `lmcp_${name}`, ...bounds });
  const peers = openPeers(options);
  // What hubs keep of outputs is bounded by them; a server that is full lets nothing in.
  const outputs = bucket("outputs", { maxAgeMs: 24 * HOUR_MS, maxBytes: 128 * MIB });
  const calls = bucket("calls", { maxAgeMs: 24 * HOUR_MS, maxBytes: 64 * MIB });
  const hosts = bucket("hosts", { maxAgeMs: HOUR_MS, maxBytes: 64 * MIB });
  const approvals = bucket("approvals", { maxAgeMs: HOUR_MS, maxBytes: 16 * MIB });
  return {
    peers,
    outputs,
    calls,
    hosts,
    approvals,
    close: async () => {
      peers.close();
      await Promise.all([outputs, calls, hosts, approvals].map((bucket) => bucket.close()));
    },
  };
}
