/** What became of a tool call, as the hub sees it. */
export type CallOutcome =
  /** It ran. */
  | "ok"
  /** It ran, and the tool says that it failed. */
  | "failed"
  /** It certainly did not run. */
  | "not_delivered"
  /** It may have run. */
  | "unknown"
  /** The hub did not accept it: unknown tool or host, bad arguments, no permission, too many. */
  | "refused"
  /** The hub itself failed. */
  | "bug";

/** One tool call that has ended, for the audit trail and the metrics. */
export interface FinishedCall {
  readonly requestId: string;
  readonly principal: string;
  /** What the client says of itself. */
  readonly client: { readonly name: string; readonly version: string } | null;
  readonly traceparent: string | null;
  /** The name that was asked for. */
  readonly tool: string;
  /** The name that was asked for. */
  readonly host: string | null;
  /** As they came. */
  readonly args: Readonly<Record<string, unknown>>;
  readonly via: "lmcp" | "ssh" | null;
  readonly outcome: CallOutcome;
  readonly fallbackReason: string | null;
  readonly exitCode: number | null;
  /** Why nobody waited for the answer any more; null: it was given. */
  readonly ended: string | null;
  /** The answer as it was sent; null: there was none. */
  readonly answer: string | null;
  readonly durationMs: number;
  /** How long it waited for a place, took to reach the host, and ran there; null: not reached. */
  readonly phases: Readonly<Record<"queue" | "connect" | "run", number | null>>;
}
