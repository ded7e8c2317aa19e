import { quote } from "../shell/quote.ts";

/** Why a path that begins with `~` is refused; no colon in it, since `reasonIn()` cuts there. */
const UNKNOWN_HOME = "only ~ and ~/ are expanded; write ./~ for a name that begins with it";

/** Why a path cannot be used, over any transport; null: it can. */
export function findPathFault(path: string): string | null {
  return /^~[^/]/.test(path) ? UNKNOWN_HOME : null;
}

/** A path as one word for bash, as it was given: `~` and `~/x` start in its user's home. */
export function pathWord(path: string): string {
  if (path === "~") return "~";
  return path.startsWith("~/") ? `~/${quote(path.slice(2))}` : quote(path);
}

/** The same for `cat` and `cd`, to which `-` is standard input and the folder before. */
export function operandWord(path: string): string {
  return pathWord(path === "-" ? "./-" : path);
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
