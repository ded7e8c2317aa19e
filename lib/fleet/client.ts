import type { Secret } from "../base/secret.ts";
import type { CallLimits } from "../calls/quotas.ts";
import type { ResultProfile } from "../mcp/profile.ts";
import type { ToolRules } from "./rules.ts";

/** Somebody with a token of their own, or whom OAuth tokens name, and what they may do. */
export interface Client {
  /** What the log calls them: `[A-Za-z0-9._-]`, and none of `OWN_PRINCIPALS`. */
  readonly name: string;
  /** Null: only OAuth tokens name this client. */
  readonly token: Secret | null;
  /** Environment variable that holds the token, to be hidden from child processes. */
  readonly tokenVariable: string | null;
  /** Names of the hosts that exist for this client; null: all. */
  readonly hosts: ReadonlySet<string> | null;
  readonly rules: ToolRules;
  /** Names of the commands that it may run, and nothing else; absent: it is not limited to any. */
  readonly commands?: ReadonlySet<string>;
  /** The longest `timeout` that it may ask for; null: no limit of its own. */
  readonly maxTimeoutMs: number | null;
  /** How often it may call; absent: as often as it likes. */
  readonly limits?: CallLimits;
  /** What its results are to be like if a request does not say; null: as for everybody. */
  readonly results: ResultProfile | null;
}

/**
 * Who calls without being a client, and may do everything: with the hub's inbound token, without
 * one where none is asked for, and over stdio.
 */
export const OWN_PRINCIPALS: ReadonlySet<string> = new Set(["default", "anonymous", "stdio"]);
