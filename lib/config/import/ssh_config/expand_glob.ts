import { matchesWildcards, parseGlob } from "./wildcards.ts";

/** Finds the files that an absolute pattern names, as glob(3) does; none: there are none. */
export async function expandGlob(pattern: string): Promise<readonly string[]> {
  let paths = [""];
  for (const segment of pattern.split("/").filter((segment) => segment !== "")) {
    const found = await Promise.all(paths.map((path) => expandSegment(path, segment)));
    paths = found.flat();
  }
  const exists = await Promise.all(paths.map((path) => isThere(path)));
  return paths.filter((_, at) => exists[at]);
}

async function expandSegment(directory: string, segment: string): Promise<readonly string[]> {
  if (!/[*?[]/.test(segment)) return [`${directory}/${segment.replace(/\\(.)/gs, "$1")}`];
  const wildcards = parseGlob(segment);
  const names = await listNames(directory);
  return names
    .filter((name) => segment.startsWith(".") || !name.startsWith("."))
    .filter((name) => matchesWildcards(name, wildcards))
    .toSorted((a, b) => a < b ? -1 : 1)
    .map((name) => `${directory}/${name}`);
}

/** What cannot be listed has no files, as for ssh. */
async function listNames(directory: string): Promise<readonly string[]> {
  try {
    return await Array.fromAsync(Deno.readDir(`${directory}/`), ({ name }) => name);
  } catch {
    return [];
  }
}

async function isThere(path: string): Promise<boolean> {
  try {
    await Deno.lstat(path);
    return true;
  } catch {
    return false;
  }
}
