import type { ChildProcess, Spawn } from "../base/process.ts";
import type { OutputCapture } from "../shell/output.ts";
import type { NothingRan, SessionResult } from "../shell/conclusion.ts";
import { runInSession } from "../shell/session.ts";
import { Failure, systemReason } from "../work/failure.ts";

/** How long a local bash may take to be ready; a machine under heavy load is slow to start one. */
const READY_WITHIN_MS = 10_000;

/** A script for the local bash. */
export interface BashScript {
  readonly script: string;
  /** Bytes for its standard input, which it must read exactly; null, the default: none. */
  readonly input?: Uint8Array | null;
  /** Where its output goes. */
  readonly output: OutputCapture;
  /** End it as soon as `output` has to drop bytes; default: false. */
  readonly stopWhenFull?: boolean;
  readonly runWithinMs: number;
  readonly signal: AbortSignal;
  /** Called with each piece of its output, valid during the call only. */
  readonly onOutput?: (bytes: Uint8Array) => void;
}

/** A script that was started, and what is known of its end. */
export type BashResult = Exclude<SessionResult, { readonly kind: "not_started" }>;

/** Runs a script in a bash of its own, all of which is ended with it. Throws a `Failure`. */
export type RunBash = (script: BashScript) => Promise<BashResult>;

/** Options of `createBash()`. */
export interface BashOptions {
  readonly spawn: Spawn;
  /** What to start: a name that is looked up in `PATH`, or a path. */
  readonly program: string;
  /** Where it starts; where that cannot be entered it starts in `/`, as after a login. */
  readonly home: string;
  /** Variables to set for bash; an empty text hides an inherited value. */
  readonly childEnv: Readonly<Record<string, string>>;
}

/** The local bash behind a `Spawn`. */
export function createBash(bash: BashOptions): RunBash {
  return async ({ script, input = null, stopWhenFull = false, ...options }) => {
    const result = await runInSession(start(bash), {
      ...options,
      // Begins with a rare letter: an output that ends in it is held back until more comes.
      nonce: `Q${crypto.randomUUID().replaceAll("-", "")}`,
      command: { script, input, inputSeconds: options.runWithinMs / 1000 },
      stopWhenFull,
      readyWithinMs: READY_WITHIN_MS,
    });
    if (result.kind !== "not_started") return result;
    throw new Failure(describeNothing(result));
  };
}

function start(bash: BashOptions): ChildProcess {
  try {
    return startIn(bash.home, bash);
  } catch (error) {
    if (systemReason(error) === null) throw error;
  }
  try {
    return startIn("/", bash);
  } catch (error) {
    const reason = systemReason(error);
    if (reason === null) throw error;
    throw new Failure(`cannot start bash, nothing has run: ${reason}`, { cause: error });
  }
}

function startIn(cwd: string, { spawn, program, childEnv }: BashOptions): ChildProcess {
  return spawn({ program, args: ["-s"], env: childEnv, cwd });
}

function describeNothing({ why, exitCode, noise }: NothingRan): string {
  const said = noise.trim();
  const notStarted = (reason: string) => `bash did not start, nothing has run: ${said || reason}`;
  switch (why) {
    case "cancelled":
      return "cancelled before anything ran";
    case "too_late":
      return "its time was over before bash had started it, nothing has run";
    case "refused":
      return `bash could not start it, nothing has run: ${said || "no reason given"}`;
    case "timeout":
      return notStarted(`not ready within ${READY_WITHIN_MS / 1000} s`);
    case "exited":
      return notStarted(`it exited with code ${exitCode}`);
    case "taken":
    case "unclaimable":
      return notStarted("no reason given");
  }
}
