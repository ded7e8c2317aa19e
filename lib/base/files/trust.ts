/** Who may change a file: permission bits, and its owner; null: the system has none. */
export interface FileTrust {
  readonly mode: number | null;
  readonly owner: number | null;
}

const ROOT = 0;

/** What is known of a file. What is written to a device, such as `/dev/null`, does not change it. */
export function trustOf({ mode, uid, isCharDevice }: Deno.FileInfo): FileTrust {
  return isCharDevice ? { mode: null, owner: null } : { mode, owner: uid };
}

/**
 * Why somebody else may have written what is in a file, and what mends that, in words that follow its
 * path; null: only root, or the user `self` that this program runs as, can have. Whoever writes a file
 * that this program obeys has all that it has.
 */
export function findTrustFault(
  path: string,
  { mode, owner }: FileTrust,
  self: number | null,
): string | null {
  if (owner !== null && self !== null && owner !== ROOT && owner !== self) {
    const whose = self === ROOT ? "root" : `root or to user ${self}, as whom this runs`;
    return `belongs to another user (${owner}): give it to ${whose}, with chown`;
  }
  if (mode !== null && (mode & 0o022) !== 0) {
    const who = (mode & 0o002) === 0 ? "its group" : "all users";
    const bits = (mode & 0o7777).toString(8).padStart(4, "0");
    return `can be changed by ${who} (mode ${bits}): chmod go-w ${path}`;
  }
  return null;
}
