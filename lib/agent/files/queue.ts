import { dirname } from "node:path";
import { Failure } from "../../work/failure.ts";
import { identityOf } from "./kept.ts";

/** A call that changes a file. */
export interface Turn {
  /** Real path of the file. */
  readonly path: string;
  readonly signal: AbortSignal;
}

/**
 * Does work on a file when all that came before it for the same file is done. Throws a `Failure` for
 * a call that was cancelled meanwhile.
 */
export type InTurn = <T>(turn: Turn, work: () => Promise<T>) => Promise<T>;

/**
 * Queues, one for each file that is worked on: its folder's device and inode with its name, so that
 * it is one file over whatever path.
 */
export function createFileQueue(): InTurn {
  const last = new Map<string, Promise<void>>();

  return async function inTurn({ path, signal }, work) {
    const key = await keyOf(path);
    const before = last.get(key) ?? Promise.resolve();
    const turn = before.then(() => {
      if (signal.aborted) throw new Failure("cancelled, nothing has changed");
      return work();
    });
    const done = turn.then(() => {}, () => {});
    last.set(key, done);
    try {
      return await turn;
    } finally {
      if (last.get(key) === done) last.delete(key);
    }
  };
}

async function keyOf(path: string): Promise<string> {
  const folder = dirname(path);
  const info = await Deno.stat(folder).catch(() => null);
  const where = info === null ? folder : identityOf(info);
  return `${where}/${path.slice(folder.length)}`;
}
