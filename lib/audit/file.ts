import { constants, type FileHandle, open as openHandle } from "node:fs/promises";
import { findTrustFault, trustOf } from "../base/files/trust.ts";
import { concat } from "../base/bytes.ts";
import type { Append } from "../base/line_writer.ts";
import { type ChainHead, hashBehind, type LinkedLines, linkLines } from "./chain.ts";
import { findChainHead, isCutOff } from "./tail.ts";

/** How often the path is compared with the open file, at most. */
const CHECK_MS = 1_000;
const MODE = 0o600;
const READER_WAIT_MS = 5_000;
/** How long another program may hold the file at the start. */
const LOCK_MS = 1_000;
const POLL_MS = 20;
const LINE_BREAK = 10;

/** A file that only grows. */
export interface AuditFile {
  readonly append: Append;
  /** The next `append` opens the path again: for `logrotate`, which renames the old file. */
  readonly reopen: () => void;
  /** The newest line of its chain; null: lines are not chained. */
  readonly head: () => ChainHead | null;
  readonly close: () => void;
}

/** Options of `openAuditFile()`. */
export interface AuditFileOptions {
  /** Monotonic, in milliseconds. */
  readonly now: () => number;
  /** Whether each line has the hash of the one before; default: no. */
  readonly isChained?: boolean;
  /** Called when the path has been opened again. */
  readonly onOpen?: () => void;
  /** How long to wait for what reads a pipe, which may be starting; default 5 s. */
  readonly readerWaitMs?: number;
}

/** How a path is opened. */
type OpenOptions = Required<Pick<AuditFileOptions, "isChained" | "readerWaitMs">>;

/**
 * Opens a file to append to; one that is not there is made, with mode 0600. A file that is renamed
 * or removed while it is open is noticed within a second of use, and opened again. Rejects as
 * `Deno.open()` does, and for a file that others may change: it would prove nothing. A chain goes on
 * from the file's last line, and while it is open from the last one that was written: whatever
 * becomes of the file in between, the next line shows.
 */
export async function openAuditFile(
  path: string,
  { now, isChained = false, onOpen = () => {}, readerWaitMs = READER_WAIT_MS }: AuditFileOptions,
): Promise<AuditFile> {
  const options = { isChained, readerWaitMs };
  let file: Deno.FsFile | null = await open(path, options);
  let isTorn = await orClose(file, isCutOff(path));
  let head = isChained ? await orClose(file, findChainHead(path)) : null;
  let checkedAt = now();
  let isStale = false;

  function close(): void {
    file?.close();
    file = null;
  }

  async function reopen(): Promise<Deno.FsFile> {
    const opened = await open(path, options);
    isTorn = await orClose(opened, isCutOff(path));
    onOpen();
    return opened;
  }

  async function current(): Promise<Deno.FsFile> {
    const isDue = isStale || now() - checkedAt >= CHECK_MS;
    if (file !== null && isDue && (isStale || !await isAt(path, file))) close();
    file ??= await reopen();
    if (isDue) checkedAt = now();
    isStale = false;
    return file;
  }

  /** Notes how far lines have got; a line that was cut off is one, too. */
  function noteWritten(bytes: Uint8Array, heads: LinkedLines["heads"]): void {
    const end = bytes.lastIndexOf(LINE_BREAK);
    const count = bytes.reduce((sum, byte) => byte === LINE_BREAK ? sum + 1 : sum, 0);
    const whole = count - (isTorn ? 1 : 0);
    isTorn = end < bytes.length - 1;
    if (head === null) return;
    head = heads[whole - 1] ?? head;
    if (isTorn) head = { seq: head.seq + 1, hash: hashBehind(bytes.subarray(end + 1), head.hash) };
  }

  return {
    append: async (text) => {
      const target = await current();
      const lines = head === null
        ? { bytes: new TextEncoder().encode(text), heads: [] }
        : linkLines(text, head);
      // A line that was cut off is ended first, so that it spoils no other.
      const bytes = isTorn ? concat([END, lines.bytes], lines.bytes.length + 1) : lines.bytes;
      let at = 0;
      try {
        while (at < bytes.length) at += await target.write(bytes.subarray(at));
      } finally {
        if (at === bytes.length) {
          isTorn = false;
          head = lines.heads.at(-1) ?? head;
        } else if (at > 0) noteWritten(bytes.subarray(0, at), lines.heads);
      }
    },
    reopen: () => isStale = true,
    head: () => head,
    close,
  };
}

const END = Uint8Array.of(LINE_BREAK);

async function open(path: string, { isChained, readerWaitMs }: OpenOptions): Promise<Deno.FsFile> {
  const there = await Deno.stat(path).catch(() => null);
  if (isChained && there?.isFile === false) throw new Error(NO_FILE);
  const reader = there?.isFifo === true ? await openPipe(path, readerWaitMs) : null;
  const file = await Deno.open(path, { append: true, create: true, mode: MODE });
  await reader?.close();
  return await orClose(file, check(path, file, isChained).then(() => file));
}

/**
 * Opens a pipe, which Deno would do only when somebody reads from it, however long that takes. It must
 * stay open until it is opened again: a reader would see its end.
 */
async function openPipe(path: string, waitMs: number): Promise<FileHandle> {
  for (let waited = 0;; waited += POLL_MS) {
    try {
      return await openHandle(path, constants.O_WRONLY | constants.O_NONBLOCK);
    } catch (error) {
      const isUnread = error instanceof Error && "code" in error && error.code === "ENXIO";
      if (!isUnread) throw error;
      if (waited >= waitMs) throw new Error(UNREAD_PIPE, { cause: error });
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

const UNREAD_PIPE = "it is a pipe that nobody reads from: start what reads it first";
const NO_FILE = "it is not a file, and only one can have hashes of its lines";

async function check(path: string, file: Deno.FsFile, isChained: boolean): Promise<void> {
  const fault = findTrustFault(path, trustOf(await file.stat()), Deno.uid());
  if (fault !== null) throw new Error(`it ${fault}`);
  if (isChained && !await lockSoon(file)) {
    throw new Error(
      "another hub writes to it: with LMCP_HUB_AUDIT_CHAIN each needs a file of its own",
    );
  }
}

/** A program that is being started holds for a moment what its parent has let go of. */
async function lockSoon(file: Deno.FsFile): Promise<boolean> {
  for (let waited = 0; waited < LOCK_MS; waited += POLL_MS) {
    if (await lock(file)) return true;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  return await lock(file);
}

/** For as long as the file is open. Deno 2.6 cannot, and no hub shares a file on purpose. */
async function lock(file: Deno.FsFile): Promise<boolean> {
  if (!("tryLock" in file) || typeof file.tryLock !== "function") return true;
  return await file.tryLock(true) === true;
}

/** What is resolved; where it is not, the file is closed. */
async function orClose<T>(file: Deno.FsFile, result: Promise<T>): Promise<T> {
  try {
    return await result;
  } catch (error) {
    file.close();
    throw error;
  }
}

async function isAt(path: string, file: Deno.FsFile): Promise<boolean> {
  try {
    const [there, here] = await Promise.all([Deno.stat(path), file.stat()]);
    return there.ino === here.ino && there.dev === here.dev;
  } catch {
    return false;
  }
}
