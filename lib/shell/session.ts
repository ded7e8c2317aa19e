import type { ChildProcess } from "../base/process.ts";
import type { SessionResult } from "./conclusion.ts";
import { type CommandRun, openShell } from "./ready_shell.ts";

/** Options of `runInSession()`. */
export interface SessionOptions extends CommandRun {
  /** A random word of `[A-Za-z0-9]`, new for each session. */
  readonly nonce: string;
  /** Longest wait for the shell to be ready. */
  readonly readyWithinMs: number;
  /** Called once, when the shell is ready. */
  readonly onReady?: () => void;
}

/**
 * Runs one command in a fresh shell, and ends that shell. Owns `child`: when the promise is
 * settled, the process is gone and its pipes are closed. Never rejects for what the child does.
 */
export async function runInSession(
  child: ChildProcess,
  { nonce, readyWithinMs: withinMs, onReady, ...run }: SessionOptions,
): Promise<SessionResult> {
  const shell = await openShell(child, { nonce, withinMs, signal: run.signal });
  if ("kind" in shell) return shell;
  try {
    onReady?.();
    return await shell.run(run);
  } finally {
    await shell.close();
  }
}
