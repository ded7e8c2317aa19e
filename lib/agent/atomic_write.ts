import { dirname } from "node:path";
import { Failure } from "../work/failure.ts";
import { lstatIfExists } from "./root.ts";

/**
 * Puts a content into a file, all of it or nothing: it is written and synced under another name in
 * the same directory, and renamed. An existing file keeps its mode and, where the system allows,
 * its owner; a new one has the mode that the umask gives. `target` is a real path, no link. False:
 * it is a device or a pipe, which can only be written through, or lies where Deno does not let this
 * program write, as in `/proc`; nothing was done. Throws a `Failure`, or what Deno throws; then
 * nothing has changed and nothing is left behind.
 */
export async function writeAtomically(target: string, content: Uint8Array): Promise<boolean> {
  try {
    const existing = await lstatIfExists(target);
    if (existing?.isDirectory) throw new Failure("is a directory");
    if (existing && !existing.isFile) return false;
    await replace(target, content, existing);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable) return false;
    throw error;
  }
}

async function replace(
  target: string,
  content: Uint8Array,
  existing: Deno.FileInfo | null,
): Promise<void> {
  const temporary = `${dirname(target)}/.lmcp-${crypto.randomUUID()}`;
  // A new file is born with its final mode, by umask and default ACL; only its name is temporary.
  const mode = existing ? 0o600 : 0o666;
  const file = await Deno.open(temporary, { write: true, createNew: true, mode });
  try {
    await fill(file, content);
    if (existing) await takeOver(temporary, existing);
    await Deno.rename(temporary, target);
  } catch (error) {
    await Deno.remove(temporary).catch(() => {});
    throw error;
  }
}

async function fill(file: Deno.FsFile, content: Uint8Array): Promise<void> {
  using open = file;
  let written = 0;
  while (written < content.length) written += await open.write(content.subarray(written));
  await open.sync();
}

/** Gives a file the owner and the mode of another. */
async function takeOver(path: string, { uid, gid, mode }: Deno.FileInfo): Promise<void> {
  const isOwned = await Deno.chown(path, uid, gid).then(() => true, () => false);
  if (mode === null) return;
  // A program that runs as its owner must not come to run as another.
  await Deno.chmod(path, mode & (isOwned ? 0o7777 : 0o777));
}
