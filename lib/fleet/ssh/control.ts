import { createHash } from "node:crypto";
import { dirname } from "node:path";
import { messageOf } from "../../base/text/error_text.ts";
import { FORBIDDEN_BY_BINARY } from "../../base/files/write_failure.ts";
import { isWritable } from "../../base/files/writable.ts";

/** A Unix socket's path has at most 107 characters on Linux, 103 on macOS. */
const MAX_SOCKET_PATH = Deno.build.os === "darwin" ? 103 : 107;
/** What stands behind the directory: `/`, 8 of ours, `/`, 40 of `%C`, 17 while ssh makes it. */
const SUFFIX_LENGTH = 1 + 8 + 1 + 40 + 17;

/** What ssh expands, splits or unquotes in an option's value: percent tokens, variables, words. */
const NOT_LITERAL = /[\s%$"'\\\p{Cc}]/u;

/** What the names of sockets of forwarded ports end with. They are shorter than those of masters. */
const FORWARD_SUFFIX = ".port";

/** Only folders of this form are ours to remove. */
const FOLDER_NAME = /^[0-9a-f]{8}$/;
/** Age at which a folder was left behind: in another hub's use it changes with each connection. */
const LEFT_BEHIND_MS = 3_600_000;

/** Longest path of a control directory, in bytes. */
export const MAX_CONTROL_DIRECTORY = MAX_SOCKET_PATH - SUFFIX_LENGTH;

/**
 * The private directory in which ssh keeps its control sockets. Each destination has a folder of
 * its own, so that a socket whose master is stuck can be removed without knowing its name: `%C`
 * hashes what only ssh knows. Several hubs of one user share the directory, but no folder: one
 * that stops must not end what another one runs.
 */
export interface SshControl {
  /**
   * The folder for a destination, made if needed, in a directory that was found private just now;
   * null: it is not. Never rejects.
   */
  readonly directoryFor: (sshHost: string) => Promise<string | null>;
  /** Whether a connection to the destination seems to be open. Never rejects. */
  readonly isWarm: (sshHost: string) => Promise<boolean>;
  /** The sockets of the masters that seem to hold one, by their paths. Never rejects. */
  readonly masters: (sshHost: string) => Promise<readonly string[]>;
  /** Removes the destination's sockets, so that the next call makes a connection. Never rejects. */
  readonly discard: (sshHost: string) => Promise<void>;
}

/** Options of `openSshControl()`. */
export interface SshControlOptions {
  /** Called with why the directory cannot be used any more, once until it can; default: silence. */
  readonly warn?: (error: unknown) => void;
}

/**
 * Opens the control directory: makes it with mode 0700, and removes what hubs left that were killed.
 * It is looked at again before each use: what cleans up a `/tmp` may remove it, and then another
 * user may make it.
 *
 * Throws an `Error` if its path is too long for a socket or more to ssh than a path, if nothing can be
 * made there, or if it belongs to another user, is a link, or is open to others: whoever can write
 * there can take over connections.
 */
export async function openSshControl(
  directory: string,
  { warn = () => {} }: SshControlOptions = {},
): Promise<SshControl> {
  checkPath(directory);
  await makePrivate(directory);
  await removeLeftBehind(directory);
  const hub = crypto.randomUUID();
  await tryFolder(`${directory}/${folderName(hub, "")}`);

  const pathFor = (sshHost: string) => `${directory}/${folderName(hub, sshHost)}`;
  let isUsable = true;

  /** Does something in the directory; null where that fails, as on a full disk. */
  async function attempt<T>(work: () => Promise<T>): Promise<T | null> {
    try {
      const result = await work();
      isUsable = true;
      return result;
    } catch (error) {
      if (isUsable) warn(error);
      isUsable = false;
      return null;
    }
  }

  return {
    directoryFor: (sshHost) =>
      attempt(async () => {
        await makePrivate(directory);
        await makeFolder(pathFor(sshHost));
        return pathFor(sshHost);
      }),
    isWarm: async (sshHost) => {
      for await (const _name of socketsIn(pathFor(sshHost))) return true;
      return false;
    },
    masters: async (sshHost) => {
      const names = await Array.fromAsync(socketsIn(pathFor(sshHost)));
      // What has a dot in its name is being made.
      return names.filter((name) => !name.includes(".")).map((name) =>
        `${pathFor(sshHost)}/${name}`
      );
    },
    discard: async (sshHost) => {
      await attempt(async () => {
        await makePrivate(directory);
        await removeAll(pathFor(sshHost));
      });
    },
  };
}

/** Why a directory, as it is now, would be of no use as control directory; null: it would. */
export async function findControlFault(directory: string): Promise<string | null> {
  const { state } = await Deno.permissions.query({ name: "write", path: directory });
  try {
    checkPath(directory);
    if (state !== "granted") throw unusable(directory, FORBIDDEN_BY_BINARY);
    await checkPrivate(directory);
    return null;
  } catch (error) {
    const isMissing = error instanceof Deno.errors.NotFound;
    if (isMissing && await isWritable(dirname(directory))) return null;
    return messageOf(isMissing ? unusable(directory, "it cannot be made") : error);
  }
}

/** The socket of a forwarded port, in the folder of its destination. */
export function forwardSocket(folder: string, port: number): string {
  return `${folder}/${port}${FORWARD_SUFFIX}`;
}

/** The names of the sockets of masters in a folder; none if it may not be looked into. */
async function* socketsIn(folder: string): AsyncGenerator<string> {
  try {
    for await (const { name } of Deno.readDir(folder)) {
      if (!name.endsWith(FORWARD_SUFFIX)) yield name;
    }
  } catch {
    // There is none.
  }
}

function checkPath(directory: string): void {
  if (new TextEncoder().encode(directory).length > MAX_CONTROL_DIRECTORY) {
    throw unusable(directory, `longer than ${MAX_CONTROL_DIRECTORY} bytes`);
  }
  const character = NOT_LITERAL.exec(directory)?.[0];
  if (character !== undefined) {
    throw unusable(directory, `ssh would not take its ${JSON.stringify(character)} literally`);
  }
}

/** Makes a folder for this user alone, unless something is there. Makes none above it. */
async function makeFolder(path: string): Promise<void> {
  try {
    await Deno.mkdir(path, { mode: 0o700 });
  } catch (error) {
    if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
  }
}

/** Fails where no folder can be made, as in a sandbox in which the directory is read-only. */
async function tryFolder(path: string): Promise<void> {
  await makeFolder(path);
  await Deno.remove(path);
}

/**
 * Makes a directory for this user alone, unless it is there. Throws as `openSshControl()` does: where
 * others may enter it, it is no place for sockets.
 */
export async function makePrivate(directory: string): Promise<void> {
  await makeFolder(directory);
  await checkPrivate(directory);
}

async function removeLeftBehind(directory: string): Promise<void> {
  for await (const { name } of Deno.readDir(directory)) {
    const path = `${directory}/${name}`;
    if (FOLDER_NAME.test(name) && await ageOf(path) > LEFT_BEHIND_MS) await removeAll(path);
  }
}

/** Milliseconds since something was added to or removed from a folder; one that is gone is new. */
async function ageOf(path: string): Promise<number> {
  const info = await Deno.lstat(path).catch(() => null);
  return info?.mtime ? Date.now() - info.mtime.getTime() : 0;
}

async function removeAll(path: string): Promise<void> {
  try {
    await Deno.remove(path, { recursive: true });
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

async function checkPrivate(directory: string): Promise<void> {
  const info = await Deno.lstat(directory);
  const reason = !info.isDirectory
    ? "it is no directory"
    : info.uid !== null && info.uid !== Deno.uid()
    ? "it belongs to another user"
    : info.mode !== null && (info.mode & 0o077) !== 0
    ? "others may enter it (its mode must be 0700)"
    : null;
  if (reason !== null) throw unusable(directory, reason);
}

function unusable(directory: string, reason: string): Error {
  return new Error(`Cannot use control directory "${directory}": ${reason}`);
}

function folderName(hub: string, sshHost: string): string {
  return createHash("sha256").update(hub + sshHost).digest("hex").slice(0, 8);
}
