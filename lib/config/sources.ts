import { messageOf } from "../base/text/error_text.ts";
import { lookup } from "node:dns/promises";
import { type FileTrust, findTrustFault, trustOf } from "../base/files/trust.ts";

/** Where configuration is read from; given to every reader, so that tests need no files. */
export interface ConfigSources {
  /** An environment variable; undefined where it is not set. */
  readonly env: (name: string) => string | undefined;
  /** The text of a file; rejects as `Deno.readTextFile()` does. */
  readonly readTextFile: (path: string) => Promise<string>;
  /** Permission bits of a file, null where the system has none; rejects as `Deno.stat()` does. */
  readonly fileMode: (path: string) => Promise<number | null>;
  /** Who may change a file; rejects as `Deno.stat()` does. */
  readonly fileTrust: (path: string) => Promise<FileTrust>;
  /** The user that this program runs as; null: the system has none. */
  readonly uid: () => number | null;
  /** A text that changes whenever the file does, also when it comes, goes or is replaced. */
  readonly fileStamp: (path: string) => Promise<string>;
  /** Whether this machine's resolver knows an address of a name. */
  readonly canResolve: (name: string) => Promise<boolean>;
}

/** The environment and the files of this machine. */
export const systemSources: ConfigSources = {
  env: (name) => Deno.env.get(name),
  readTextFile: (path) => Deno.readTextFile(path),
  fileMode: async (path) => (await Deno.stat(path)).mode,
  fileTrust: async (path) => trustOf(await Deno.stat(path)),
  uid: () => Deno.uid(),
  fileStamp: async (path) => {
    try {
      const { mtime, ctime, size, ino, mode } = await Deno.stat(path);
      return [mtime?.getTime(), ctime?.getTime(), size, ino, mode].join();
    } catch (error) {
      return readFailure(error);
    }
  },
  canResolve: (name) => lookup(name).then(() => true, () => false),
};

/** Whether there is something at a path; what cannot be examined counts as being there. */
export async function fileExists(path: string, sources: ConfigSources): Promise<boolean> {
  try {
    await sources.fileMode(path);
    return true;
  } catch (error) {
    return !(error instanceof Deno.errors.NotFound);
  }
}

/** Why what a file says must not be obeyed, as `findTrustFault()` has it; null: nothing, or no file. */
export async function findTampering(path: string, sources: ConfigSources): Promise<string | null> {
  const trust = await sources.fileTrust(path).catch(() => null);
  return trust === null ? null : findTrustFault(path, trust, sources.uid());
}

/** Why a file could not be read, in a few words that do not repeat its path. */
export function readFailure(error: unknown): string {
  if (error instanceof Deno.errors.NotFound) return "no such file";
  if (error instanceof Deno.errors.PermissionDenied) return "permission denied";
  if (error instanceof Deno.errors.IsADirectory) return "it is a directory";
  return messageOf(error);
}

/** Whether users other than the owner and its group may read or change a file of this mode. */
export function isOpenToOthers(mode: number | null): boolean {
  return mode !== null && (mode & 0o006) !== 0;
}

/** Permission bits as `chmod` writes them, such as `0644`. */
export function formatMode(mode: number | null): string {
  return mode === null ? "unknown" : (mode & 0o7777).toString(8).padStart(4, "0");
}
