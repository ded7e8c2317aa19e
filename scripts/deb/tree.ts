import { createHash } from "node:crypto";

/** The files below a directory, as paths from there, in a fixed order. */
export async function listFiles(directory: string, below = ""): Promise<string[]> {
  const found: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(`${directory}/${below}`)) {
    const path = `${below}${name}`;
    if (isDirectory) found.push(...await listFiles(directory, `${path}/`));
    else found.push(path);
  }
  return found.toSorted();
}

/** The checksum that dpkg verifies files by. */
export async function md5Of(path: string): Promise<string> {
  return createHash("md5").update(await Deno.readFile(path)).digest("hex");
}

/** Gives everything below a directory the same time. */
export async function setTimes(directory: string, date: Date): Promise<void> {
  for await (const { name, isDirectory } of Deno.readDir(directory)) {
    const path = `${directory}/${name}`;
    if (isDirectory) await setTimes(path, date);
    else await Deno.utime(path, date, date);
  }
  await Deno.utime(directory, date, date);
}
