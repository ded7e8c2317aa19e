import { dirname, isAbsolute } from "node:path";
import { Failure } from "../../work/failure.ts";
import { GUARD_FAULTS } from "../../work/guard.ts";

/** As many links in a row as Linux follows. */
const MAX_LINKS = 40;
const KERNEL: ReadonlySet<string> = new Set(["/proc", "/sys", "/dev"]);
/** What the system says of it. */
export const NOT_FOUND = "no such file or directory";

/** Where a path leads. */
export interface Walked {
  /** Real path, links followed; the last part need not exist. */
  readonly path: string;
  /** What is there; null: nothing, or it cannot be seen. */
  readonly info: Deno.FileInfo | null;
  /** It leads to where Deno lets only programs look that may do all; the rest of it is as given. */
  readonly isKernel: boolean;
}

/**
 * Follows an absolute path as the kernel does, also a last link that leads nowhere yet. Refuses
 * other users' links in sticky folders that everybody may write to, as `fs.protected_symlinks` does
 * for those who let the kernel follow them. Throws a `Failure`, or what Deno throws.
 */
export async function walk(path: string, uid: number | null): Promise<Walked> {
  const rest = path.split("/").reverse();
  let current: Pick<Walked, "path" | "info"> = { path: "/", info: null };
  let links = 0;
  for (let part = rest.pop(); part !== undefined; part = rest.pop()) {
    if (current.info?.isDirectory === false) throw new Failure("not a directory");
    if (part === "" || part === ".") continue;
    if (part === "..") {
      current = { path: dirname(current.path), info: null };
      continue;
    }
    const next = join(current.path, part);
    if (KERNEL.has(next)) {
      return { path: [next, ...rest.reverse()].join("/"), info: null, isKernel: true };
    }
    const info = await lstatIfExists(next);
    if (info === null) {
      if (rest.length > 0) throw new Failure(NOT_FOUND);
      return { path: next, info: null, isKernel: false };
    }
    if (!info.isSymlink) {
      current = { path: next, info };
      continue;
    }
    if (++links > MAX_LINKS) throw new Failure("too many levels of symbolic links");
    await refusePlanted(current.path, info, uid);
    const link = await Deno.readLink(next);
    if (isAbsolute(link)) current = { path: "/", info: null };
    rest.push(...link.split("/").reverse());
  }
  return { ...current, info: current.info ?? await Deno.lstat(current.path), isKernel: false };
}

/** What is at a path, links not followed; null: nothing. */
export async function lstatIfExists(path: string): Promise<Deno.FileInfo | null> {
  try {
    return await Deno.lstat(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
}

async function refusePlanted(
  folder: string,
  link: Deno.FileInfo,
  uid: number | null,
): Promise<void> {
  const { mode, uid: owner } = await Deno.stat(folder);
  const isShared = mode !== null && (mode & 0o1002) === 0o1002;
  if (isShared && link.uid !== uid && link.uid !== owner) throw new Failure(GUARD_FAULTS.planted);
}

function join(folder: string, name: string): string {
  return folder === "/" ? `/${name}` : `${folder}/${name}`;
}
