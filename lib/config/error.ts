import type { Problem } from "../base/problem.ts";

/** A setting that stops the program; `source` is a variable, a `--flag` or a file. */
export function settingError(source: string, message: string): Problem {
  return { severity: "error", source, line: null, field: null, message };
}

/** A setting that the program can do with, but should not have to. */
export function settingWarning(source: string, message: string): Problem {
  return { ...settingError(source, message), severity: "warning" };
}
