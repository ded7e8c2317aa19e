import { isAbsolute, resolve } from "node:path";
import { Failure } from "../../work/failure.ts";
import { type Guard, GUARD_FAULTS, type GuardedPath } from "../../work/guard.ts";
import { expandHome, findPathFault } from "../../work/path.ts";
import { identityOf, isBelowAny, type Kept } from "./kept.ts";
import { NOT_FOUND, walk, type Walked } from "./walk.ts";

/** What a path leads to, and how it may be used. */
export interface Place extends Walked {
  /** For a script that works there. */
  readonly guarded: GuardedPath;
  /** Only a script can make sure that it works on what was checked, or get there at all. */
  readonly byScript: boolean;
  /** Throws a `Failure` if a file is one that is kept, under whatever name. */
  readonly refuseKept: (file: Pick<Deno.FileInfo, "dev" | "ino">) => void;
}

/** The files that the file tools may touch. */
export interface Root {
  /** Where a search starts if nothing else is said. */
  readonly path: string;
  /** Follows a path, also a last link that leads nowhere yet. Throws a `Failure`, or what Deno throws. */
  readonly locate: (path: string) => Promise<Place>;
  /**
   * The same for a script that only looks at names, as it does over ssh. Null: there is no limit, so
   * that it may follow the path itself, from the home. Throws a `Failure` if it leads to what is kept.
   */
  readonly limit: (path: string) => Promise<GuardedPath | null>;
}

/** Options of `createRoot()`. */
export interface RootOptions {
  /** LMCP_ROOT, an absolute path, where relative paths start; `/`: no limit, and they start in `home`. */
  readonly root: string;
  readonly home: string;
  /** Id of the agent's user; null: not known. */
  readonly uid: number | null;
  /** Process id of the agent. */
  readonly pid: number;
  readonly findKept: () => Promise<Kept>;
  /** Whether folders are kept that anybody may move: then a path is not enough. */
  readonly isWatchful: boolean;
}

/**
 * The files below LMCP_ROOT, without what is kept. What is checked is the real path. Where somebody
 * gains from swapping a folder for a link between check and use, a script checks what it has open:
 * Deno cannot open relative to a folder, nor say where an open file is.
 */
export function createRoot({ root, home, uid, pid, findKept, isWatchful }: RootOptions): Root {
  const isLimited = root !== "/";
  const base = isLimited ? root : home;
  const ownProcess = ["/proc/self", "/proc/thread-self", `/proc/${pid}`];

  function toAbsolute(path: string): string {
    const fault = path === "" ? NOT_FOUND : findPathFault(path);
    if (fault !== null) throw new Failure(fault);
    const expanded = expandHome(path, home);
    return isAbsolute(expanded) ? expanded : `${base}/${expanded}`;
  }

  function check(walked: Walked, kept: Kept): void {
    const path = walked.isKernel ? resolve(walked.path) : walked.path;
    const paths = [...kept.own, ...kept.denied, ...ownProcess];
    if (isBelowAny(paths, path)) throw new Failure(GUARD_FAULTS.kept);
  }

  async function confine(walked: Walked): Promise<string> {
    const real = await Deno.realPath(root);
    if (walked.isKernel || !isBelowAny([real], walked.path)) throw outside(root);
    return real;
  }

  async function locate(path: string): Promise<Place> {
    const absolute = toAbsolute(path);
    // By name first, so that nobody learns which files exist outside.
    if (isLimited && !isBelowAny([resolve(root)], resolve(absolute))) throw outside(root);
    const walked = await walk(absolute, uid);
    const within = isLimited ? await confine(walked) : null;
    const kept = await findKept();
    check(walked, kept);
    const guard: Guard = { within, own: kept.own, denied: [...kept.denied, `/proc/${pid}`] };
    return {
      ...walked,
      guarded: { realPath: walked.path, guard },
      byScript: walked.isKernel || isLimited || isWatchful,
      refuseKept: (file) => {
        if (kept.identities.has(identityOf(file))) throw new Failure(GUARD_FAULTS.kept);
      },
    };
  }

  async function limit(path: string): Promise<GuardedPath | null> {
    if (isLimited) return (await locate(path)).guarded;
    const walked = await walk(toAbsolute(path), uid).catch(() => null);
    if (walked !== null) check(walked, await findKept());
    return null;
  }

  return { path: root, locate, limit };
}

function outside(root: string): Failure {
  return new Failure(`it is outside ${JSON.stringify(root)}, where this agent's files are`);
}
