import type { GaveUp } from "../base/time/within.ts";
import type { CommandStream, SaidEnd } from "./command_stream.ts";

/** What ended a command, or the wait for it. */
export type Ended = "itself" | GaveUp | "output_full";

/** Why nothing has run. */
export type NotStarted =
  /** The shell exited before it was ready. */
  | "exited"
  /** It was ready, but could not start the command, which certainly will not start later either. */
  | "refused"
  /** It was ready, and the command's time was over before the command had begun. */
  | "too_late"
  /** Somebody has claimed it before. */
  | "taken"
  /** It could not be claimed. */
  | "unclaimable"
  | GaveUp;

/**
 * Nothing has run. `exitCode` is null if the shell had to be killed; `noise` is what it said, such as
 * ssh's own error message.
 */
export interface NothingRan {
  readonly kind: "not_started";
  readonly why: NotStarted;
  readonly exitCode: number | null;
  readonly noise: string;
}

/** What is known of a command that was handed to a shell. */
export type SessionResult =
  | NothingRan
  /** It ran, and its shell has said how it ended. */
  | {
    readonly kind: "ran";
    readonly exitCode: number;
    readonly ended: Ended;
    /** It was to be ended, but some process of it is still there, such as another user's. */
    readonly remains?: true;
  }
  /** It was sent, and its shell has not said how it ended: nobody knows. */
  | { readonly kind: "lost"; readonly ended: Ended };

/** The two streams of a shell that got a command. */
interface ReadStreams {
  readonly streams: readonly Pick<CommandStream, "started" | "end">[];
  readonly ended: Ended;
  /** Describes a command that did not start. */
  readonly nothingRan: (why: NotStarted) => NothingRan;
}

/** What the streams have said of the command, as far as they agree. */
export function conclude({ streams, ended, nothingRan }: ReadStreams): SessionResult {
  const ends = streams.map(({ end }) => end).filter((end) => end !== null);
  const [end] = ends;
  const lost: SessionResult = { kind: "lost", ended };
  if (end === undefined || !ends.every((other) => isSameEnd(other, end))) return lost;
  if (end === "unreadable") return lost;
  if (!streams.some(({ started }) => started)) {
    return nothingRan(typeof end === "string" ? end : NOT_BEGUN[ended]);
  }
  if (typeof end === "string") return lost;
  const { exitCode, remains } = end;
  return { kind: "ran", exitCode, ended, ...(remains ? { remains } : {}) };
}

/** Why a command has not begun that its shell calls ended. */
const NOT_BEGUN: Readonly<Record<Ended, NotStarted>> = {
  itself: "refused",
  output_full: "refused",
  timeout: "too_late",
  cancelled: "cancelled",
};

function isSameEnd(one: SaidEnd, other: SaidEnd): boolean {
  if (typeof one === "string" || typeof other === "string") return one === other;
  return one.exitCode === other.exitCode && one.remains === other.remains;
}
