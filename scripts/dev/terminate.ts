/** Asks a program to end; one that has ended is left alone. */
export function terminate(
  program: Deno.ChildProcess,
  signal: "SIGTERM" | "SIGKILL" = "SIGTERM",
): void {
  try {
    program.kill(signal);
  } catch {
    // It has ended.
  }
}
