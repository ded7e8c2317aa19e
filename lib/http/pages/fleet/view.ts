import type { HostDetail, JobOutput, Jobs, Match, Overview, Sparklines } from "./model.ts";

/** What is known of the fleet, whoever the viewer is. */
export type FleetSnapshot = Omit<Overview, "viewer" | "now">;

/** Which part of a job's output. */
export interface WantedOutput {
  readonly host: string;
  readonly id: string;
  /** In bytes from its beginning. */
  readonly offset: number;
  /** Seconds to wait for more than there is behind the offset. */
  readonly waitSeconds: number;
}

/**
 * The fleet as one principal may see it, and what it may do there: its rights are those that it has as
 * an MCP client when a function here is called, since a page can stay open for days. What it does is
 * audited like any call. A text that an action returns says why it was not done; null: it was.
 */
export interface FleetView {
  /**
   * Everything at this moment. The snapshot, and each row, list and tile in it, is the same object as
   * before while nothing in it has changed, so that changes are found by comparing references.
   */
  readonly snapshot: () => FleetSnapshot;
  readonly sparklines: () => Sparklines;
  /** Null: it does not exist for this principal. */
  readonly host: (name: string) => Omit<HostDetail, "viewer" | "now"> | null;
  /** The hosts that a target expression names; empty text: all of them. */
  readonly match: (targets: string) => Match;
  /**
   * Calls the listener when something may have changed, at most once each 250 ms. While somebody
   * watches, hosts are probed as soon as their last probes are no longer current. Returns the function that ends it.
   */
  readonly watch: (listener: () => void) => () => void;
  readonly probe: (targets: string, signal: AbortSignal) => Promise<string | null>;
  /** Answers a call that waits, as its operator. */
  readonly answerApproval: (
    answer: { readonly id: string; readonly verdict: "allowed" | "denied" },
  ) => Promise<string | null>;
  readonly endCall: (id: string) => Promise<string | null>;
  readonly jobs: (host: string, signal: AbortSignal) => Promise<Jobs>;
  readonly jobOutput: (wanted: WantedOutput, signal: AbortSignal) => Promise<JobOutput>;
  readonly endJob: (
    job: { readonly host: string; readonly id: string },
    signal: AbortSignal,
  ) => Promise<string | null>;
}

/** Opens the view of a principal that has been authenticated just now. */
export type OpenView = (principal: string) => FleetView;
