import type { Homes } from "../homes.ts";

/** Where ssh looks for files that an `Include` names by a relative path. */
export interface IncludeBase {
  /** The home directory of the user; null: unknown. */
  readonly home: string | null;
  /** The directory of relative paths; null: unknown. */
  readonly directory: string | null;
  readonly homes: Homes;
}

const SYSTEM_DIRECTORY = "/etc/ssh";

/** The longest path that Linux takes. */
export const MAX_PATH_CHARS = 4_096;

/**
 * Finds that for a configuration file: `~/.ssh`, or `/etc/ssh` for the system's own. Of a user who is
 * not in the user database (but in LDAP, say), the home is where the file is in `.ssh`.
 */
export function findIncludeBase(path: string, homes: Homes, uid: number | null): IncludeBase {
  const home = homes.ofUid(uid) ?? /^(\/.*)\/\.ssh\/[^/]+$/.exec(path)?.[1] ?? null;
  const directory = path.startsWith(`${SYSTEM_DIRECTORY}/`)
    ? SYSTEM_DIRECTORY
    : home === null
    ? null
    : `${home}/.ssh`;
  return { home, directory, homes };
}

/** An absolute pattern for an argument of `Include`; or why there is none, in words that follow it. */
export function toAbsolute(
  argument: string,
  { home, directory, homes }: IncludeBase,
): { readonly pattern: string } | { readonly fault: string } {
  if (argument.length > MAX_PATH_CHARS) return { fault: "is too long for a path" };
  // ssh 10 replaces both, older ones neither.
  if (/\$\{|%[A-Za-z]/.test(argument)) return { fault: "has variables, which only ssh knows" };
  if (argument.startsWith("/")) return { pattern: argument };
  const [, user, rest = ""] = /^~([^/]*)(.*)$/s.exec(argument) ?? [];
  const start = user === undefined ? directory : user === "" ? home : homes.ofUser(user);
  if (start === null) return { fault: "is in a home directory that is not in /etc/passwd" };
  return { pattern: user === undefined ? `${start}/${argument}` : start + rest };
}
