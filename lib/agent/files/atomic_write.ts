import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import { dirname } from "node:path";
import { Failure } from "../../work/failure.ts";
import { GUARD_FAULTS } from "../../work/guard.ts";
import { changedTo } from "../../work/edit/edited.ts";
import { lockFolder } from "./folder_lock.ts";
import { readFilePieces } from "./pieces.ts";
import type { Place } from "./root.ts";
import { lstatIfExists } from "./walk.ts";

/**
 * Puts a content into a file, all of it or nothing: it is written and synced under another name in
 * the same directory, and renamed. An existing file keeps its mode and, where the system allows,
 * its owner; a new one has the mode that the umask gives. With `replaces`, only if that is what the
 * file holds right before it is replaced. Returns how many names (hard links) the file had. Null: it
 * is a device or a pipe, which can only be written through; nothing was done. Throws a `Failure`, or what Deno throws; then nothing has changed and
 * nothing is left behind.
 */
export async function writeAtomically(
  place: Place,
  content: Uint8Array,
  replaces: Uint8Array | null,
): Promise<number | null> {
  const { path } = place;
  const existing = await lstatIfExists(path);
  if (existing?.isDirectory) throw new Failure("is a directory");
  if (existing?.isSymlink) throw new Failure(GUARD_FAULTS.moved);
  if (existing !== null && !existing.isFile) return null;
  if (existing !== null) place.refuseKept(existing);
  const temporary = `${dirname(path)}/.lmcp-${crypto.randomUUID()}`;
  // A new file is born with its final mode, by umask and default ACL; only its name is temporary.
  const mode = existing === null ? 0o666 : 0o600;
  const file = await Deno.open(temporary, { write: true, createNew: true, mode });
  try {
    await fill(file, content);
    if (existing !== null) await takeOver(temporary, existing);
    using _lock = replaces === null ? null : await lockFolder(dirname(path));
    if (replaces !== null) await refuseChange(place, replaces);
    await Deno.rename(temporary, path);
  } catch (error) {
    await Deno.remove(temporary).catch(() => {});
    throw error;
  }
  return existing?.nlink ?? 1;
}

/** Without a pause, in which the file could change again. */
async function refuseChange(place: Place, expected: Uint8Array): Promise<void> {
  const hash = createHash("sha256");
  let [at, isSame] = [0, true];
  const take = (piece: Uint8Array) => {
    const same = expected.subarray(at, at += piece.length);
    isSame &&= Buffer.compare(piece, same) === 0;
    hash.update(piece);
  };
  await readFilePieces(place, { take, pause: () => Promise.resolve() });
  if (!isSame || at !== expected.length) {
    throw new Failure(changedTo({ bytes: at, sha256: hash.digest("hex") }));
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
