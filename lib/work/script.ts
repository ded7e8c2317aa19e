import type { OutputCapture, OutputLimits } from "../shell/output.ts";
import type { Ended } from "../shell/conclusion.ts";
import type { Reply } from "./reply.ts";

/** A tool's work as a bash script. */
export interface Script {
  readonly source: string;
  /** Bytes for the script's standard input, which it must read exactly; null: none. */
  readonly input: Uint8Array | null;
  readonly limits: OutputLimits;
  /** Output beyond the limits ends the script: a part would be of no use. */
  readonly wholeOutput: boolean;
}

/** What a script may need to know of the call that it does, and of its host. */
export interface ScriptFacts {
  /** The id that the call is claimed with; null: it is not claimed. */
  readonly claimId: string | null;
  /** Where the host's agent keeps its claims, as far as it has said so; null: it has not. */
  readonly agentClaims: string | null;
}

/** A run of a script that came to its end. */
export interface ScriptRun {
  readonly exitCode: number;
  /** What ended it. */
  readonly ended: Ended;
  /** It was to be ended, but some process of it is still there. */
  readonly remains?: true;
  readonly output: OutputCapture;
}

/** A script, and how to read what it wrote. */
export interface Procedure extends Script {
  readonly read: (run: ScriptRun) => Reply;
  /** The same where the end of what it wrote may be missing; absent: that makes no difference. */
  readonly readCutOff?: (run: ScriptRun) => Reply;
  /**
   * Makes the procedure that does the work out of what this one has found, or the reply where there is
   * nothing to do. Then this one only reads, and is not claimed; `read` is for the end of the other.
   */
  readonly next?: (run: ScriptRun) => Promise<Procedure | Reply>;
  /** Absent: what was lost stays unknown. */
  readonly verify?: Verification;
}

/** A script that finds out whether some work was done, where nobody knows how its own script ended. */
export interface Verification extends Script {
  readonly readState: (run: ScriptRun) => VerifiedState;
}

/** What such a script has found. */
export type VerifiedState =
  | { readonly state: "done"; readonly reply: Reply }
  /** All is as it was before. */
  | { readonly state: "undone" }
  /** `found` is what there is, in a few words; null: nothing was found. */
  | { readonly state: "unclear"; readonly found: string | null };
