import { findTrustFault, trustOf } from "../base/file_trust.ts";
import type { Append } from "../base/line_writer.ts";

/** How often the path is compared with the open file, at most. */
const CHECK_MS = 1_000;
const MODE = 0o600;

/** A file that only grows. */
export interface AuditFile {
  readonly append: Append;
  /** The next `append` opens the path again: for `logrotate`, which renames the old file. */
  readonly reopen: () => void;
  readonly close: () => void;
}

/**
 * Opens a file to append to; one that is not there is made, with mode 0600. A file that is renamed
 * or removed while it is open is noticed within a second of use, and opened again. Rejects as
 * `Deno.open()` does, and for a file that others may change: it would prove nothing.
 */
export async function openAuditFile(path: string, now: () => number): Promise<AuditFile> {
  let file: Deno.FsFile | null = await open(path);
  let checkedAt = now();
  let isStale = false;
  let isTorn = false;

  function close(): void {
    file?.close();
    file = null;
  }

  async function current(): Promise<Deno.FsFile> {
    const isDue = isStale || now() - checkedAt >= CHECK_MS;
    if (file !== null && isDue && (isStale || !await isAt(path, file))) close();
    file ??= await open(path);
    if (isDue) checkedAt = now();
    isStale = false;
    return file;
  }

  return {
    append: async (text) => {
      const target = await current();
      // A line that was cut off is ended first, so that it spoils no other.
      const bytes = new TextEncoder().encode(isTorn ? `\n${text}` : text);
      let at = 0;
      try {
        while (at < bytes.length) at += await target.write(bytes.subarray(at));
      } finally {
        isTorn = at < bytes.length && (isTorn || at > 0);
      }
    },
    reopen: () => isStale = true,
    close,
  };
}

/** The lines of a file, as text. Rejects as `Deno.open()` and reading do. */
export async function* readAuditLines(path: string): AsyncGenerator<string> {
  const file = await Deno.open(path);
  let rest = "";
  for await (const text of file.readable.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    yield* lines;
  }
  if (rest !== "") yield rest;
}

async function open(path: string): Promise<Deno.FsFile> {
  const file = await Deno.open(path, { append: true, create: true, mode: MODE });
  try {
    const fault = findTrustFault(path, trustOf(await file.stat()), Deno.uid());
    if (fault !== null) throw new Error(`it ${fault}`);
    return file;
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
