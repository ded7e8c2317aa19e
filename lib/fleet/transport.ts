import type { OutputText } from "../shell/output.ts";
import type { Lease } from "../calls/budget.ts";
import type { Claimant } from "../calls/claimant.ts";
import type { Reply } from "../work/reply.ts";
import type { FoundClaim, ScriptEnd } from "../work/claims/found.ts";
import type { ClaimPlace } from "../work/claims/on_host.ts";
import type { Claim } from "../work/claims/protocol.ts";
import type { Procedure, ScriptFacts } from "../work/script.ts";
import type { PhaseTimer } from "../calls/phases.ts";

/** The names of the transports, in the order in which they are tried. */
export const VIAS = ["lmcp", "nats", "ssh"] as const;

/** One of them. */
export type Via = (typeof VIAS)[number];

/** What a tool asks of a host, in terms that every transport understands. */
export interface Work {
  /** Name of the backend's tool. */
  readonly tool: string;
  /** The backend tool's arguments: the caller's, without `host`. */
  readonly args: Readonly<Record<string, unknown>>;
  /** Names of the arguments that the tool declares; a backend may know more. */
  readonly declared: readonly string[];
  /** It changes nothing on the host, so that running it twice does no harm. */
  readonly readOnly: boolean;
  /** How long the work itself may take, on top of the transport's own time; null: no extra. */
  readonly runMs: number | null;
  /** Size of a content that is sent along; a second is added for each MiB. */
  readonly payloadBytes: number;
  /** Longest answer of a backend, in bytes. */
  readonly maxAnswerBytes: number;
  /** Makes the same work as a script; null: only a backend can do it. */
  readonly procedure: ((facts: ScriptFacts) => Procedure) | null;
}

/** Who waits for a call, and how to reach them. */
export interface Call {
  /** Whose share of the host's places, and of the memory for answers, it takes. */
  readonly claimant: Claimant;
  /** Aborted when nobody waits for the answer any more. */
  readonly signal: AbortSignal;
  /** W3C trace context, passed on to the backend. */
  readonly traceparent: string | null;
  /** Called with the newest line of output; null: nobody asked for progress. */
  readonly onProgress: ((line: string) => void) | null;
  /** Where room for the answer is taken before it is kept. Absent: there is enough. */
  readonly room?: Pick<Lease, "take" | "wait" | "most">;
  /** Takes room for what is read before something is changed. Absent: there is enough. */
  readonly openRoom?: () => Lease;
  /** Called with the room that was taken, to be disposed of. Absent: it is given back at the end. */
  readonly keepRoom?: (room: Lease) => void;
  /** Measures where the call's time goes. */
  readonly phases?: PhaseTimer;
  /** What a call that changes something is to be claimed with; null, or absent: it is not claimed. */
  readonly claim?: Claim | null;
  /** Waited for just before what changes something is sent. Absent: there is nothing to wait for. */
  readonly admit?: Admit;
}

/**
 * Resolves when a call may be sent over `via`; false: nobody waits for it any more. It may be asked
 * several times in one call, whose admission lasts until the call has ended.
 */
export type Admit = (via: Via) => Promise<boolean>;

/** A claim that a call was sent with, and what is needed to ask for it. */
export interface SentClaim {
  readonly id: string;
  readonly place: ClaimPlace;
  /** When the call may have been sent, and when its time is up, by the monotonic clock. */
  readonly sentAt: number;
  readonly deadlineAt: number;
  /** Reads how the script ended that did the call's work, with what came of its output. */
  readonly readEnd?: (end: ScriptEnd) => Reply;
}

/** How to ask for a claim. */
export interface ClaimQuestion {
  /** For so many seconds the call may have been there. */
  readonly ageSeconds: number;
  /** How long the host may wait for the end of a call that runs. */
  readonly waitMs: number;
  readonly signal: AbortSignal;
}

/**
 * Looks whether some work was done; the reason is extended by what was found. With `isOver` it is not
 * running any more.
 */
export type Verify = (
  unknown: UnknownAttempt,
  known: { readonly isOver: boolean; readonly signal: AbortSignal },
) => Promise<Extract<Attempt, { readonly kind: "ran" | "not_run" | "unknown" }>>;

/** An attempt that may have run. */
export type UnknownAttempt = Extract<Attempt, { readonly kind: "unknown" }>;

/** What came of doing some work over one transport, once. */
export type Attempt =
  /** It ran, and perhaps failed. */
  | { readonly kind: "ran"; readonly reply: Reply; readonly exitCode: number | null }
  /** It certainly did not run. */
  | { readonly kind: "not_run"; readonly reason: string }
  /**
   * It may have run; `output` is what came before contact was lost, null where nothing can. With a
   * claim, its host knows more.
   */
  | {
    readonly kind: "unknown";
    readonly reason: string;
    readonly output: OutputText | null;
    readonly claim?: SentClaim | null;
    readonly verify?: Verify;
  }
  /** It did not run now, since somebody had claimed it; what was found, or null: ask for it. */
  | { readonly kind: "taken"; readonly claim: SentClaim; readonly found: FoundClaim | null }
  /** It did not run, since it cannot be claimed there. */
  | { readonly kind: "unclaimable"; readonly reason: string }
  /** Nobody waits for it any more, or the hub itself did not let it through. */
  | { readonly kind: "stopped"; readonly reason: string; readonly mayHaveRun: boolean };

/** What a probe of one transport has shown. */
export type ProbeResult =
  | { readonly up: true; readonly toolCount: number | null; readonly latencyMs: number }
  /** `error` in the Lua hub's words; `detail` with what ssh said instead of its exit code. */
  | { readonly up: false; readonly error: string; readonly detail: string };

/** One way to one host. */
export interface Transport {
  readonly via: Via;
  /** Why the host has no such way; null: it has. */
  readonly missing: string | null;
  /** Whether this kind of work can be done over it. */
  readonly canDo: (work: Work) => boolean;
  /** Why it had better not be tried now, where there is another way; null: nothing speaks against it. */
  readonly findObstacle: () => string | null;
  /** Does the work once. Never rejects for what the host does. */
  readonly attempt: (work: Work, call: Call) => Promise<Attempt>;
  /** Asks what became of a claim; null: nobody answered. Absent: nobody can be asked. Never rejects. */
  readonly settle?: (claim: SentClaim, question: ClaimQuestion) => Promise<FoundClaim | null>;
  /** Has a call ended, or never begin, for which nobody waits. */
  readonly endClaimed?: (claim: SentClaim) => void;
  /** Has the next use of it begin with a login, so that what has changed for its user counts. */
  readonly renew?: () => void;
  /** Finds out whether it works. Never rejects. */
  readonly probe: (signal: AbortSignal) => Promise<ProbeResult>;
}

/** What to say when there is no room for an answer. */
export const NO_ROOM = "too many large answers are being read at once, try again later";

const MIB = 1024 * 1024;
const MS_PER_MIB = 1_000;

/** The time that the size of the content adds to a deadline, in milliseconds. */
export function payloadMs({ payloadBytes }: Pick<Work, "payloadBytes">): number {
  return payloadBytes / MIB * MS_PER_MIB;
}

/** A way that a host does not have. */
export function missingTransport(
  via: Via,
  reason: string,
  canDo: Transport["canDo"],
): Transport {
  return {
    via,
    missing: reason,
    canDo,
    findObstacle: () => null,
    attempt: () => Promise.resolve({ kind: "not_run", reason }),
    probe: () => Promise.resolve({ up: false, error: reason, detail: reason }),
  };
}
