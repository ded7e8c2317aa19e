import type { OutputText } from "../shell/output.ts";

// What holds for a `shell` call whichever way it goes: over ssh, or through the agent.

/** How long a command may run if its caller does not say. */
export const DEFAULT_TIMEOUT_SECONDS = 120;
/** The longest a timer can wait: 2^31 - 1 ms, about 24 days. */
export const MAX_TIMEOUT_SECONDS = 2_147_483;
/** 1 MiB of a command's output is kept: its beginning and its end. */
export const KEPT_OUTPUT = { headBytes: 512 * 1024, tailBytes: 512 * 1024 } as const;

/** The text of the answer; `timedOutAfter` is the timeout in seconds that ended the command. */
export function shellText(
  exitCode: number,
  { text }: OutputText,
  timedOutAfter: number | null,
): string {
  const lines = `[rc=${exitCode}]\n${text}`;
  if (timedOutAfter === null) return lines;
  const separator = lines.endsWith("\n") ? "" : "\n";
  return `${lines}${separator}[timed out after ${timedOutAfter} s]`;
}

/** The same as `structuredContent` has it; `exitCode` is null if it is not known. */
export function shellFields(
  { stdout, stderr, truncated }: OutputText,
  exitCode: number | null,
  timedOut: boolean,
) {
  return { exit_code: exitCode, stdout, stderr, truncated, timed_out: timedOut };
}
