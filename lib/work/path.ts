import { quote } from "../shell/quote.ts";

/** Why a path that begins with `~` is refused; no colon in it, since `reasonIn()` cuts there. */
const UNKNOWN_HOME = "only ~ and ~/ are expanded; write ./~ for a name that begins with it";

/** Why a path cannot be used, over any transport; null: it can. */
export function findPathFault(path: string): string | null {
  return /^~[^/]/.test(path) ? UNKNOWN_HOME : null;
}

/**
 * A path as one word for bash: `~` and `~/x` start in its user's home, and no program takes `-`
 * for standard input. It is shown as it was given, so it follows a `--`.
 */
export function pathWord(path: string): string {
  if (path === "~") return "~";
  if (path.startsWith("~/")) return `~/${quote(path.slice(2))}`;
  return quote(path === "-" ? "./-" : path);
}

/** The path that `~` and `~/x` mean; others as they are. */
export function expandHome(path: string, home: string): string {
  if (path === "~") return home;
  return path.startsWith("~/") ? `${home}/${path.slice(2)}` : path;
}

/** The script for a path, or one that does nothing but refuse it. */
export function scriptForPath(path: string, script: () => string): string {
  const fault = findPathFault(path);
  return fault === null ? script() : `printf '%s\\n' ${quote(fault)} >&2\nexit 1\n`;
}
