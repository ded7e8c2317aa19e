import { fileURLToPath } from "node:url";

/** Options of `runOwnProcess()`. */
export interface OwnProcessOptions {
  readonly args?: readonly string[];
  /** Beside this process's own environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** In octal digits; default: this process's. */
  readonly umask?: string;
}

/**
 * Runs a program of the tests, whose path is relative to `tests/`, in a process of its own, and
 * returns what it prints. All test files that run at once share a process, and with it what belongs
 * to the process: its memory, its umask. The program has `gc()`. Throws what it said if it failed.
 */
export async function runOwnProcess(
  path: string,
  { args = [], env = {}, umask }: OwnProcessOptions = {},
): Promise<string> {
  const program = fileURLToPath(new URL(path, import.meta.url));
  const deno = [Deno.execPath(), "run", "--quiet", "--no-check", "-A", "--v8-flags=--expose-gc"];
  const script = umask === undefined ? 'exec "$@"' : `umask ${umask} && exec "$@"`;
  const { success, stdout, stderr } = await new Deno.Command("sh", {
    args: ["-c", script, "sh", ...deno, program, ...args],
    env,
  }).output();
  const [printed, said] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  if (!success) throw new Error(`"${path}" failed: ${said}`);
  return printed ?? "";
}
