import { basename, dirname, isAbsolute, resolve } from "node:path";
import { Failure } from "../work/failure.ts";
import { expandHome, findPathFault } from "../work/path.ts";

/** As many links in a row as Linux follows. */
const MAX_LINKS = 40;
/** What the system says of it. */
const NOT_FOUND = "no such file or directory";

/**
 * The directory that the file tools stay below. What is checked is the real path, with every link
 * followed, and it is the real path that is used. A local process that swaps a directory of it for
 * a link between check and use can still lead a tool outside: Deno cannot open relative to a
 * directory. Whoever can do that runs commands on this machine already.
 */
export interface Root {
  /** Where a search starts if nothing else is said. */
  readonly path: string;
  /** The path to use for something that exists. Throws a `Failure` if it is outside. */
  readonly locate: (path: string) => Promise<string>;
  /** The real path to write to: links are followed, also a last one that leads nowhere yet. */
  readonly locateTarget: (path: string) => Promise<string>;
}

/** A root at an absolute path, where relative paths start; `/` is no limit, and they start in `home`. */
export function createRoot(root: string, home: string): Root {
  const base = root === "/" ? home : root;

  function toAbsolute(path: string): string {
    const fault = path === "" ? NOT_FOUND : findPathFault(path);
    if (fault !== null) throw new Failure(fault);
    const expanded = expandHome(path, home);
    return isAbsolute(expanded) ? expanded : `${base}/${expanded}`;
  }

  if (root === "/") {
    return {
      path: root,
      locate: async (path) => await withoutParents(toAbsolute(path)),
      locateTarget: async (path) => await followLinks(toAbsolute(path)),
    };
  }

  async function confine(
    path: string,
    toReal: (path: string) => Promise<string>,
  ): Promise<string> {
    const absolute = toAbsolute(path);
    // By name first, so that it is not told either which files exist outside.
    if (!isBelow(resolve(root), resolve(absolute))) throw outside(root);
    const real = await toReal(absolute);
    if (!isBelow(await Deno.realPath(root), real)) throw outside(root);
    return real;
  }

  return {
    path: root,
    locate: (path) => confine(path, realPath),
    locateTarget: (path) => confine(path, followLinks),
  };
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

function outside(root: string): Failure {
  return new Failure(`it is outside ${JSON.stringify(root)}, where this agent's files are`);
}

function isBelow(root: string, path: string): boolean {
  return path === root || path.startsWith(root.endsWith("/") ? root : `${root}/`);
}

async function followLinks(path: string): Promise<string> {
  let current = path;
  for (let links = 0; links <= MAX_LINKS; links++) {
    if (current.endsWith("/")) {
      throw new Failure(await isDirectory(current) ? "is a directory" : NOT_FOUND);
    }
    const directory = await realDirectory(dirname(current));
    const file = resolve(directory, basename(current));
    const info = await lstatIfExists(file);
    if (!info?.isSymlink) return file;
    const link = await Deno.readLink(file);
    // Not normalized: a `..` behind a link is the parent of where that link leads.
    current = isAbsolute(link) ? link : `${directory}/${link}`;
  }
  throw new Failure("too many levels of symbolic links");
}

async function isDirectory(path: string): Promise<boolean> {
  const info = await Deno.stat(path).catch(() => null);
  return info?.isDirectory ?? false;
}

async function realPath(path: string): Promise<string> {
  return await Deno.realPath(await withoutParents(path));
}

/**
 * A path without `..`, each taken for the parent of where the path before it leads, as the kernel
 * does. Deno itself, unless it has all permissions, takes `link/..` for nothing.
 */
async function withoutParents(path: string): Promise<string> {
  const parent = /(^|\/)\.\.(?=\/|$)/.exec(path);
  if (parent === null) return path;
  const before = path.slice(0, parent.index) || (isAbsolute(path) ? "/" : ".");
  const behind = path.slice(parent.index + parent[0].length);
  return await withoutParents(dirname(await Deno.realPath(before)) + behind);
}

async function realDirectory(path: string): Promise<string> {
  try {
    return await realPath(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw new Failure(NOT_FOUND, { cause: error });
  }
}
