/**
 * Why a tool could not do its work, in words for its caller: the result's text is the message after
 * `Error: `. Whatever else a tool throws is a bug.
 */
export class Failure extends Error {
  override readonly name = "Failure";
}

/** What an operating system says, in the words of strerror(3); the rest is passed on as it is. */
const WORDS: Readonly<Record<string, string>> = {
  EACCES: "permission denied",
  EBUSY: "it is in use, or a mount point",
  EDQUOT: "disk quota exceeded",
  EEXIST: "it exists already",
  EFBIG: "file too large",
  EIO: "input/output error",
  EISDIR: "is a directory",
  ELOOP: "too many levels of symbolic links",
  ENAMETOOLONG: "file name too long",
  ENOENT: "no such file or directory",
  ENOSPC: "no space left on device",
  ENOTDIR: "not a directory",
  EPERM: "operation not permitted",
  EROFS: "read-only file system",
};

/** What could not be done to which file, and why: `cannot read "/x": no such file or directory`. */
export function cannot(action: string, path: string, reason: string): string {
  return `cannot ${action} ${JSON.stringify(path)}: ${reason}`;
}

/**
 * What the system refused, in a few words without a path; null if the error is not of the system
 * but a bug.
 */
export function systemReason(error: unknown): string | null {
  if (error instanceof Deno.errors.NotCapable) return "Deno keeps it from this agent; use shell";
  if (!(error instanceof Error && "code" in error && typeof error.code === "string")) return null;
  return WORDS[error.code] ?? error.message;
}

/** The reason in a program's last line of complaint: `ls: x: Not a directory` → `not a directory`. */
export function reasonIn(complaint: string): string {
  const line = complaint.trimEnd().split("\n").at(-1) ?? "";
  const reason = line.slice(line.lastIndexOf(": ") + 1).trim();
  return reason === "" ? "no reason given" : reason.charAt(0).toLowerCase() + reason.slice(1);
}

/**
 * Does some work on a file. What the system refuses, and the reason of a `Failure`, become a
 * `Failure` that says it whole, as `cannot()` does.
 */
export async function attempt<T>(action: string, path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const reason = error instanceof Failure ? error.message : systemReason(error);
    if (reason === null) throw error;
    throw new Failure(cannot(action, path, reason), { cause: error });
  }
}
