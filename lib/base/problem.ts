/** One mistake in the configuration, and where it is. */
export interface Problem {
  /** `error` stops the program at start; `warning` is only reported. */
  readonly severity: "error" | "warning";
  /** Where the value came from: a file's path, `--flag`, or an environment variable's name. */
  readonly source: string;
  /** Line in the file, from 1; null where there is no line. */
  readonly line: number | null;
  /** The field, such as `hosts.tesla.lmcp_url`; null where the whole line or file is meant. */
  readonly field: string | null;
  /** What is wrong and what is accepted, without a final period. Never holds a secret. */
  readonly message: string;
}

/** Where in a file something is, as a `Problem` has it. */
export type Position = Pick<Problem, "line" | "field">;

/** The position of the field at a path; of the empty path: of the whole. */
export type Locate = (path: readonly PropertyKey[]) => Position;

/**
 * One line that terminals and editors can jump from: `hosts.toml:4: error: hosts.tesla.lmcp_url: …`;
 * without a line `hosts.toml: error: …` and `LMCP_PORT: error: …`.
 */
export function formatProblem({ severity, source, line, field, message }: Problem): string {
  const place = line === null ? source : `${source}:${line}`;
  return [place, severity, field, message].filter((part) => part !== null).join(": ");
}

/** A setting that stops the program; `source` is a variable, a `--flag` or a file. */
export function settingError(source: string, message: string): Problem {
  return { severity: "error", source, line: null, field: null, message };
}

/** A setting with which the program starts all the same. */
export function settingWarning(source: string, message: string): Problem {
  return { ...settingError(source, message), severity: "warning" };
}

/** Whether there is an error among problems. */
export function hasError(problems: readonly Problem[]): boolean {
  return problems.some(({ severity }) => severity === "error");
}
