import { Failure } from "../../work/failure.ts";

/** How long to wait for a script, or another program, that has locked the folder. */
const WAIT = { wholeMs: 5_000, stepMs: 20 };

/**
 * Locks a folder as scripts do with `flock` that replace files in it, so that none of them comes
 * between a comparison and what follows. Throws a `Failure` if another keeps the lock. Where a folder
 * cannot be locked there is none.
 */
export async function lockFolder(path: string): Promise<Disposable> {
  const folder = await Deno.open(path).catch(() => null);
  if (folder === null) return { [Symbol.dispose]: () => {} };
  try {
    for (let waitedMs = 0; !await tryLock(folder); waitedMs += WAIT.stepMs) {
      if (waitedMs >= WAIT.wholeMs) throw new Failure("another program has locked its folder");
      await new Promise((resolve) => setTimeout(resolve, WAIT.stepMs));
    }
    return folder;
  } catch (error) {
    folder.close();
    throw error;
  }
}

async function tryLock(folder: Deno.FsFile): Promise<boolean> {
  return await folder.tryLock(true).catch(() => true);
}
