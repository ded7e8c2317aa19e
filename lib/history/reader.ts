import type { Via } from "../fleet/transport.ts";
import type { CallOutcome } from "../calls/record.ts";

/** How a host was reached; `unknown`: nothing was known of it as it was configured then. */
export type PastStatus = Via | "down" | "unknown";

/** A span of time that a host has spent in one status; wall clock, milliseconds since 1970. */
export interface PastSpan {
  readonly status: PastStatus;
  /** The last reason that was known in that time; null: none, or it is not kept any more. */
  readonly reason: string | null;
  readonly from: number;
  /** Null: it lasts. */
  readonly to: number | null;
}

/** What is kept of a call that has ended: nothing of what it said, or was answered. */
export interface PastCall {
  readonly id: string;
  readonly principal: string;
  /** Name and version, as the client has said; null: it has said nothing. */
  readonly client: string | null;
  readonly tool: string;
  /** Its hosts as one expression, which may be cut; empty: none. */
  readonly hosts: string;
  readonly names: readonly string[];
  /** Wall clock. */
  readonly endedAt: number;
  readonly durationMs: number;
  readonly outcome: CallOutcome;
  /** The transports that it went over. */
  readonly via: readonly Via[];
  /** Why it did not go over a host's first transport, or was ended; null: it did, and was not. */
  readonly reason: string | null;
  /** Null where it went to several hosts, or has none. */
  readonly exitCode: number | null;
}

/** Calls that have ended within the last 24 hours. */
export interface DayCounts {
  readonly all: number;
  /** Those of which it is not known whether they ran. */
  readonly unknown: number;
  /** All that ended in each of the last 60 minutes, the oldest first. */
  readonly byMinute: readonly number[];
}

/** Latencies in the order in which they were measured. */
export interface PastLatencies {
  /** Wall clock, to the second. */
  readonly at: readonly number[];
  readonly ms: readonly number[];
}

/**
 * Reads what is remembered of the fleet. Texts of hosts and clients are as they came, but for their
 * length: who shows them makes them safe.
 */
export interface HistoryReader {
  /** Since when a host has been in its status; null: nothing is known of it. */
  readonly sinceOf: (host: string) => number | null;
  /** The oldest first, an hour back. */
  readonly spansOf: (host: string) => readonly PastSpan[];
  /** Those of the last hour. */
  readonly latenciesOf: (host: string) => PastLatencies;
  /** The median of each of the last 60 minutes, the oldest first; null: none was measured. */
  readonly mediansOf: (host: string) => readonly (number | null)[] | null;
  /** The newest first; the same array while none is added. */
  readonly calls: () => readonly PastCall[];
  /** Those of all, or of one principal that is no operator. */
  readonly countsOf: (principal: string | null) => DayCounts;
}
