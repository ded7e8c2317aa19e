import { basename, dirname, resolve } from "node:path";
import { claimsBelow } from "../claims/folder.ts";
import { AGENT_PLACES } from "../../work/guard.ts";

/** What is kept from the file tools at the moment. */
export interface Kept {
  /** Paths and real paths of the agent's own files and folders. */
  readonly own: readonly string[];
  /** Those of LMCP_DENY_PATHS, and of the agent's folder of claims. */
  readonly denied: readonly string[];
  /** Device and inode of each file that is known: a hard link is the same file. */
  readonly identities: ReadonlySet<string>;
}

/** Options of `createKept()`; all paths are absolute. */
export interface KeptOptions {
  /** Files that hold this agent's token or its key. */
  readonly ownFiles: readonly string[];
  /** LMCP_DENY_PATHS. */
  readonly denyPaths: readonly string[];
  /** Below it the agent keeps claims, with what commands of others have answered. */
  readonly stateDirectory: string;
}

/**
 * Finds what is kept from the file tools, each time again: a token may be replaced, a link be moved.
 * It is this agent's own files, and what its operator names.
 */
export function createKept(
  { ownFiles, denyPaths, stateDirectory }: KeptOptions,
): () => Promise<Kept> {
  const own = [...new Set([...AGENT_PLACES, ...ownFiles, ...ownFiles.flatMap(credentials)])];
  return async () => {
    const [ownPaths, denied, ownIdentities, identities] = await Promise.all([
      Promise.all(own.map(realPaths)),
      Promise.all([...denyPaths, claimsBelow(stateDirectory)].map(realPaths)),
      Promise.all(own.map(identitiesIn)),
      Promise.all(denyPaths.map(identityAt)),
    ]);
    return {
      own: ownPaths.flat(),
      denied: denied.flat(),
      identities: new Set([...ownIdentities, ...identities].flat()),
    };
  };
}

/** Device and inode of a file. */
export function identityOf({ dev, ino }: Pick<Deno.FileInfo, "dev" | "ino">): string {
  return `${dev}:${ino}`;
}

/** Whether a path is one of some paths, or below one. */
export function isBelowAny(paths: readonly string[], path: string): boolean {
  return paths.some((kept) => path === kept || path.startsWith(kept === "/" ? kept : `${kept}/`));
}

/** The folder that systemd keeps a service's credentials in, if the file is one. */
function credentials(file: string): string[] {
  return /^\/run\/(?:user\/\d+\/)?credentials\/[^/]+(?=\/)/.exec(file)?.slice() ?? [];
}

async function realPaths(path: string): Promise<string[]> {
  const given = resolve(path);
  const real = await realPath(given);
  return real === given ? [given] : [given, real];
}

/** The real path, also of what is not there yet. */
async function realPath(path: string): Promise<string> {
  try {
    return await Deno.realPath(path);
  } catch {
    const folder = dirname(path);
    return folder === path ? path : resolve(await realPath(folder), basename(path));
  }
}

/** A file, or the files right below a folder. */
async function identitiesIn(path: string): Promise<string[]> {
  try {
    const names = await Array.fromAsync(Deno.readDir(path), ({ name }) => name);
    return (await Promise.all(names.map((name) => identityAt(`${path}/${name}`)))).flat();
  } catch {
    return await identityAt(path);
  }
}

async function identityAt(path: string): Promise<string[]> {
  const info = await Deno.stat(path).catch(() => null);
  return info?.isFile ? [identityOf(info)] : [];
}
