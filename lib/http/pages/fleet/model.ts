/**
 * What the fleet page shows, as JSON: what the hub embeds in its HTML, sends as events and answers to
 * the page's script. Times are milliseconds since 1970, durations milliseconds. Texts are shown as text:
 * those of others (reasons, tags, names of clients) may hold anything.
 */

/** How a host was reached when it was last probed or called; `unknown`: it never was. */
export type HostStatus = "lmcp" | "nats" | "ssh" | "down" | "unknown";

/** One host of the table. */
export interface HostRow {
  readonly name: string;
  readonly status: HostStatus;
  /** Why it is down, or is reached over ssh although it has an agent; null: nothing is wrong. */
  readonly reason: string | null;
  /** Since when it has been in this status, as far as the hub has seen; null: unknown. */
  readonly since: number | null;
  /** When it was last probed or called; null: never. */
  readonly checkedAt: number | null;
  /** The transports that are configured, in the order in which they are tried. */
  readonly paths: readonly ("lmcp" | "nats" | "ssh")[];
  readonly tags: readonly string[];
  /** How long the last probe took; null: not measured. */
  readonly latencyMs: number | null;
  /** Calls that run on it now, of those that the viewer may see. */
  readonly running: number;
  /** The last call to it that has ended; null: none that the viewer may see. */
  readonly lastCall: LastCall | null;
}

/** The last call to a host. */
export interface LastCall {
  readonly at: number;
  readonly tool: string;
  readonly outcome: CallRow["outcome"];
}

/** A tool call; what it said and what it was answered is never part of it. */
export interface CallRow {
  readonly id: string;
  readonly principal: string;
  /** What the client says of itself; null: nothing. */
  readonly client: string | null;
  readonly tool: string;
  /** Its hosts, folded into one expression such as `web[01-20]`; empty: none. */
  readonly hosts: string;
  readonly startedAt: number;
  /** Null: it runs. */
  readonly durationMs: number | null;
  /** Null: it runs. */
  readonly outcome: "ok" | "failed" | "not_delivered" | "unknown" | "refused" | "bug" | null;
  /** The transports that it went over. */
  readonly via: readonly ("lmcp" | "nats" | "ssh")[];
  /** Why it did not go over a host's first transport, or was ended; null: it did, and was not. */
  readonly reason: string | null;
  /** The exit code where it went to one host and has one. */
  readonly exitCode: number | null;
  /** Whether the viewer may end it. */
  readonly mayEnd: boolean;
}

/** What the first glance shows, of what the viewer may see. */
export interface Tiles {
  readonly hosts: number;
  readonly up: number;
  /** On ssh although they have an agent. */
  readonly onSshInstead: number;
  readonly down: number;
  /** Of which nothing is known yet. */
  readonly unknown: number;
  readonly running: number;
  /** When the call that has run longest began; null: none runs. */
  readonly longestSince: number | null;
  /** Calls that have ended within the last 24 hours, and those of them whose outcome is unknown. */
  readonly callsInDay: number;
  readonly unknownInDay: number;
  /** Of the last probes of all hosts that are up; null: none is measured. */
  readonly medianLatencyMs: number | null;
  /** Calls that ended in each of the last 60 minutes, the oldest first. */
  readonly callsByMinute: readonly number[];
}

/** The running calls, the oldest first, and the recent ones, the newest first. */
export interface Calls {
  readonly running: readonly CallRow[];
  readonly recent: readonly CallRow[];
}

/** A call that waits for a person. */
export interface ApprovalRow {
  readonly id: string;
  /** Who has made it. */
  readonly principal: string;
  readonly tool: string;
  /** Its hosts, folded, such as `web[01-03]`. */
  readonly hosts: string;
  /** All of it, in lines, with nothing that does not show. */
  readonly shown: string;
  readonly askedAt: number;
  readonly expiresAt: number;
}

/** The viewer, and what the page may offer. */
export interface Viewer {
  readonly name: string;
  /** Signed in by a form, so that there is something to sign out of. */
  readonly isSignedIn: boolean;
  /** May see what concerns the hub itself. */
  readonly isOperator: boolean;
}

/** Everything at one moment. */
export interface Overview {
  /** Wall clock of the hub. */
  readonly now: number;
  readonly viewer: Viewer;
  /** What is wrong with the registry; empty: nothing. */
  readonly problems: readonly string[];
  readonly tiles: Tiles;
  /** By name, in byte order. */
  readonly hosts: readonly HostRow[];
  /** Another number whenever groups have other hosts, so that expressions name others. */
  readonly groups: number;
  readonly calls: Calls;
  /** Those that the viewer may answer, the oldest first. */
  readonly approvals: readonly ApprovalRow[];
}

/**
 * Median latencies of the last 60 minutes, the oldest first, by host; null: not measured in that
 * minute. Hosts without any measurement are left out.
 */
export type Sparklines = Readonly<Record<string, readonly (number | null)[]>>;

/** An event of the live stream: JSON in an SSE message. A stream begins with `all`. */
export type LiveEvent =
  | { readonly kind: "all"; readonly overview: Overview; readonly sparklines: Sparklines }
  | {
    readonly kind: "change";
    readonly now: number;
    /** Hosts that differ from what was sent before, whole rows. */
    readonly hosts: readonly HostRow[];
    /** Names of hosts that are gone. */
    readonly gone: readonly string[];
    /** Each null where it has not changed. */
    readonly tiles: Tiles | null;
    readonly calls: Calls | null;
    readonly approvals: readonly ApprovalRow[] | null;
    readonly groups: number | null;
    readonly problems: readonly string[] | null;
  }
  /** Sent each 5 seconds where nothing else is, so that a page knows that the hub is there. */
  | { readonly kind: "beat"; readonly now: number }
  /** The viewer is not accepted any more: sign in. */
  | { readonly kind: "signed_out" };

/** A span of time that a host has spent in one status. */
export interface StatusSpan {
  readonly status: HostStatus;
  readonly reason: string | null;
  readonly from: number;
  /** Null: it lasts. */
  readonly to: number | null;
}

/** What a host's own page shows beside its row. */
export interface HostDetail {
  readonly now: number;
  readonly viewer: Viewer;
  readonly row: HostRow;
  /** The oldest first, at most an hour back and at most 32. */
  readonly spans: readonly StatusSpan[];
  /** Measured latencies of the last hour, the oldest first. */
  readonly latencies: { readonly at: readonly number[]; readonly ms: readonly number[] };
  /** Running calls, then recent ones, the newest first, of those that went to this host. */
  readonly calls: readonly CallRow[];
  /** What the viewer may use here, in words: one sentence each. */
  readonly rules: readonly string[];
  /** What its backend says of itself; null: it has none, or was not asked yet. */
  readonly agent: {
    readonly name: string;
    readonly version: string;
    /** Revision of MCP that is spoken with it. */
    readonly protocol: string;
    /** Whether it claims calls, so that none runs twice. */
    readonly claims: boolean;
    /** Number of its tools; null: not asked. */
    readonly tools: number | null;
  } | null;
  /** Whether the viewer may list jobs, read their output, and end them. */
  readonly jobs: { readonly list: boolean; readonly output: boolean; readonly end: boolean };
}

/** A job of a host. */
export interface JobRow {
  readonly id: string;
  readonly name: string | null;
  /** The first line of its command, cut. */
  readonly command: string;
  readonly state: string;
  readonly exitCode: number | null;
  readonly startedAt: number | null;
  readonly endedAt: number | null;
  readonly mayEnd: boolean;
}

/** The jobs of a host, the newest first; a text says why they are not known. */
export interface Jobs {
  readonly jobs: readonly JobRow[];
  readonly problem: string | null;
}

/** A part of a job's output. */
export interface JobOutput {
  readonly text: string;
  /** Where the next part begins, in bytes. */
  readonly nextOffset: number | null;
  /** Bytes between the two that are left out, so that the end of a long output is seen soon. */
  readonly leftOut: number;
  readonly state: string;
  readonly exitCode: number | null;
  /** Why it cannot be read; null: it can. */
  readonly problem: string | null;
}

/** Which hosts an expression names; a text says why it cannot be read. */
export type Match =
  | { readonly kind: "hosts"; readonly names: readonly string[] }
  | { readonly kind: "problem"; readonly problem: string };

/** What an HTML page is made of, and what its script begins with. */
export type PageData =
  & { readonly overview: Overview }
  & (
    | { readonly page: "overview" }
    | {
      readonly page: "hosts";
      /** The target expression that filters the table; empty: all. */
      readonly query: string;
      readonly sort: HostSort;
      readonly match: Match;
    }
    | { readonly page: "host"; readonly detail: HostDetail }
    | { readonly page: "calls"; readonly order: CallOrder }
  );

/** What the table of hosts is sorted by; `status`: those with something wrong first. */
export type HostSort = "status" | "name" | "latency" | "running" | "last_call";

/** How recent calls are sorted; `trouble`: failures and unknown ones first, else the newest first. */
export type CallOrder = "trouble" | "time";
