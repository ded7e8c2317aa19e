/** A variable that marks this process and its descendants. */
const MARK = "LMCP_CHAOS_RUN";

/** Marks all processes that are started from now on. */
export function markDescendants(): string {
  const mark = crypto.randomUUID();
  Deno.env.set(MARK, mark);
  return mark;
}

/** Counts the marked processes, orphans included; waits up to 5 s for the last ones to end. */
export async function countDescendants(mark: string): Promise<number> {
  for (let tries = 0; tries < 50; tries++) {
    if (await countNow(mark) === 0) return 0;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return await countNow(mark);
}

async function countNow(mark: string): Promise<number> {
  let count = 0;
  for await (const { name } of Deno.readDir("/proc")) {
    if (!/^\d+$/.test(name) || name === String(Deno.pid)) continue;
    const environment = await Deno.readTextFile(`/proc/${name}/environ`).catch(() => "");
    if (environment.includes(`${MARK}=${mark}`)) count++;
  }
  return count;
}
