import { createLogger, type Logger } from "../base/log.ts";
import { formatProblem, hasError, type Problem } from "../base/problem.ts";
import type { Screen } from "../cli/paint.ts";
import type { LogSettings } from "../config/server.ts";
import type { ConfigSources } from "../config/sources.ts";

/** The process that a mode runs in. */
export interface Program extends ConfigSources {
  /** Its name, with which its own messages begin. */
  readonly name: "lmcp-hub" | "lmcp-agent";
  /** Prints a line on standard output, without line break. */
  readonly stdout: (line: string) => void;
  /** Where `stdout` goes. */
  readonly screen: Screen;
  /** Prints a line on standard error, without line break. */
  readonly stderr: (line: string) => void;
  /** Aborted when the process is asked to stop. */
  readonly stop: AbortSignal;
  /** Subscribes to requests to read the configuration again; returns the function that unsubscribes. */
  readonly onReload: (listener: () => void) => () => void;
}

/** Exit statuses of all modes. */
export const EXIT = { ok: 0, hostDown: 1, unmatched: 1, failed: 1, unusable: 2 } as const;

/** Prints a message of the program itself on standard error: `lmcp-hub: …`. */
export function complain({ name, stderr }: Pick<Program, "name" | "stderr">, message: string) {
  stderr(`${name}: ${message}`);
}

/** The log, on standard error. */
export function openLog(settings: LogSettings, program: Program): Logger {
  return createLogger({
    ...settings,
    write: (line) => program.stderr(line.trimEnd()),
    now: () => new Date(),
  });
}

/** Prints all problems on standard error; returns whether there is an error among them. */
export function reportProblems(problems: readonly Problem[], program: Program): boolean {
  for (const problem of problems) program.stderr(formatProblem(problem));
  return hasError(problems);
}
