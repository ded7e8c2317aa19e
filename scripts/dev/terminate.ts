/** Asks a program to end; one that has ended is left alone. */
export function terminate(program: Deno.ChildProcess): void {
  try {
    program.kill("SIGTERM");
  } catch {
    // It has ended.
  }
}
