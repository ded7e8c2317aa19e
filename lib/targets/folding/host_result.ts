/** What became of a command on one host. */
export type HostOutcome =
  /** It ran, with whatever exit code. */
  | "ok"
  /** It ran, or was to, and failed otherwise. */
  | "failed"
  /** It certainly did not run. */
  | "not_delivered"
  /** It may have run. */
  | "unknown"
  /** Its turn did not come: it did not run. */
  | "skipped";

/** A command's result on one host. */
export interface HostResult {
  readonly host: string;
  /** What else the host is called, which its output may hold: its addresses. */
  readonly aliases: readonly string[];
  readonly outcome: HostOutcome;
  /** Null: it is not known. */
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Differs where bytes differ that the texts do not show; null: they show all. */
  readonly bytesDigest: string | null;
  /** Why it did not run, or what else is known of its end, on one line; null: nothing. */
  readonly note: string | null;
}
