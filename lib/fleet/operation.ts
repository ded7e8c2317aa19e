import type { OutputLimits } from "../shell/output.ts";
import type { PhaseTimer } from "./phase.ts";

/** What a tool asks of a host, in terms that both transports understand. */
export interface Operation {
  /** Name of the backend's tool. */
  readonly tool: string;
  /** The backend tool's arguments: the caller's, without `host`. */
  readonly args: Readonly<Record<string, unknown>>;
  /** It changes nothing on the host, so that running it twice does no harm. */
  readonly readOnly: boolean;
  /** How long the work itself may take, on top of the transport's own time; null: no extra. */
  readonly runMs: number | null;
  /** Size of a content that is sent along; a second is added for each MiB. */
  readonly payloadBytes: number;
  /** Longest answer of a backend, in bytes. */
  readonly maxAnswerBytes: number;
  /** Makes the same work as a script; null: it cannot be done over ssh. */
  readonly ssh: (() => SshProcedure) | null;
}

/** A tool's work as a bash script. */
export interface SshProcedure {
  readonly script: string;
  /** Bytes for the script's standard input, which it must read exactly; null: none. */
  readonly input: Uint8Array | null;
  readonly limits: OutputLimits;
  /** Output beyond the limits ends the script: a part would be of no use. */
  readonly wholeOutput: boolean;
}

/** Who waits for a call, and how to reach them. */
export interface CallOptions {
  /** Aborted when nobody waits for the answer any more. */
  readonly signal: AbortSignal;
  /** W3C trace context, passed on to the backend. */
  readonly traceparent: string | null;
  /** Told the newest line of output; null: nobody asked for progress. */
  readonly onProgress: ((line: string) => void) | null;
  /** Asked before bytes of the answer are kept; false: there is no room. Absent: there is. */
  readonly takeBytes?: (count: number) => boolean;
  /** Measures where the call's time goes. */
  readonly phases?: PhaseTimer;
}

const MIB = 1024 * 1024;
const MS_PER_MIB = 1_000;

/** The time that the size of an operation's content adds to a deadline, in milliseconds. */
export function payloadMs(operation: Operation): number {
  return operation.payloadBytes / MIB * MS_PER_MIB;
}
