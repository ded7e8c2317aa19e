/** The processes whose command line holds a text; a text that only one test uses. */
export async function findProcesses(text: string): Promise<number[]> {
  const { stdout } = await new Deno.Command("ps", { args: ["-A", "-ww", "-o", "pid=,args="] })
    .output();
  return new TextDecoder().decode(stdout).split("\n")
    .filter((line) => line.includes(text))
    .map((line) => parseInt(line));
}

/** The processes that a process has started, and that still run. */
export async function findChildren(parent: number): Promise<number[]> {
  const { stdout } = await new Deno.Command("pgrep", { args: ["-P", String(parent)] }).output();
  return new TextDecoder().decode(stdout).split("\n").filter(Boolean).map(Number);
}

/** For what comes some time; the machine may be busy. A bound that a test is about is its own. */
const PATIENCE_MS = 10_000;

/** Waits until a condition holds; returns how long that took, in milliseconds, or throws. */
export async function until(
  condition: () => Promise<boolean> | boolean,
  limitMs = PATIENCE_MS,
): Promise<number> {
  const startedAt = performance.now();
  for (;;) {
    // A look that began in time counts, however long it took.
    const isLast = performance.now() - startedAt > limitMs;
    if (await condition()) return performance.now() - startedAt;
    if (isLast) throw new Error(`Not so within ${limitMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

/** A number of seconds for `sleep` that marks its process: about `seconds`, and unique. */
export function uniqueSleep(seconds: number): string {
  const [random = 0] = crypto.getRandomValues(new Uint32Array(1));
  return `${seconds}.${String(random).padStart(10, "0")}`;
}
