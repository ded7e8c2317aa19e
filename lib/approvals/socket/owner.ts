import { dirname } from "node:path";

const OTHERS_MAY_WRITE = 0o022;

/** Who looks for the sockets of hubs. */
export interface Looking {
  readonly uid: number | null;
  /** Whether they have named the directory themselves. */
  readonly isNamed: boolean;
}

/**
 * Why the sockets in a directory may be another user's than the hub's: what they list would not be what
 * is allowed. Null: they are not. Rejects as `Deno.lstat()` does.
 */
export async function findForeignOwner(
  directory: string,
  { uid, isNamed }: Looking,
): Promise<string | null> {
  const isRoot = uid === 0;
  if (uid === null || isRoot && isNamed) return null;
  const info = await Deno.lstat(directory);
  if (!info.isDirectory) return "it is no directory";
  const isTrusted = info.uid === uid || info.uid === 0;
  if (isTrusted) return mayOthersWrite(info) ? "others than its owner may write to it" : null;
  if (!isRoot) return "it is another user's: run this as the user of the hub, or as root";
  // Where root alone makes directories, as in /run, it is the one that was made for the hub.
  const parent = await Deno.stat(dirname(directory));
  if (parent.uid === 0 && !mayOthersWrite(parent)) return null;
  return "anybody can have made it: run this as the user of the hub, or set LMCP_HUB_CONTROL_DIR " +
    `if user ${info.uid} is that`;
}

function mayOthersWrite({ mode }: Deno.FileInfo): boolean {
  return ((mode ?? 0) & OTHERS_MAY_WRITE) !== 0;
}
