import type { Problem } from "../base/problem.ts";

/** A setting that stops the program; `source` is a variable, a `--flag` or a file. */
export function settingError(source: string, message: string): Problem {
  return { severity: "error", source, line: null, field: null, message };
}
