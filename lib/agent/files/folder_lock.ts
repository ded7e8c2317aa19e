import { within } from "../../base/time/within.ts";
import { Failure } from "../../work/failure.ts";

/** How long to wait for a script, or another program, that has locked the folder. */
const WAIT_MS = 5_000;

/**
 * Locks a folder as scripts do with `flock` that replace files in it, so that none of them comes
 * between a comparison and what follows. Throws a `Failure` if another keeps the lock. Where a folder
 * cannot be locked there is none.
 */
export async function lockFolder(path: string): Promise<Disposable> {
  const folder = await Deno.open(path).catch(() => null);
  if (folder === null) return { [Symbol.dispose]: () => {} };
  const locked = folder.lock(true).catch(() => {});
  if (await within(locked, WAIT_MS) !== "timeout") return folder;
  locked.then(() => folder.close(), () => {});
  throw new Failure("another program has locked its folder");
}
