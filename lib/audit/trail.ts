import { type Audit, createAudit } from "./record.ts";
import { openAuditFile } from "./file.ts";
import { type Append, createLineWriter } from "../base/line_writer.ts";
import type { Logger, LogLevel } from "../base/log.ts";

/** Characters that may wait to be written while a disk is slow. */
const MAX_PENDING = 16 * 1024 * 1024;

/** Where calls are written down: a file, standard error, or nowhere. */
export interface AuditTrail {
  /** Writes a call that has ended. */
  readonly write: Audit;
  /** Lines that could not be written. */
  readonly lost: () => number;
  /** Writes what is left. */
  readonly close: () => Promise<void>;
}

/** What `openAuditTrail()` needs. */
export interface AuditTrailOptions {
  /** The file; null: standard error. */
  readonly path: string | null;
  /** Of the log: without a file, a quiet program has no audit trail. */
  readonly level: LogLevel;
  readonly log: Logger;
  /** Takes a line for standard error, without line break. */
  readonly stderr: (line: string) => void;
  /** Subscribes to requests to open the file again; returns the function that unsubscribes. */
  readonly onReload: (listener: () => void) => () => void;
}

/** Where lines go, and what ends that. */
interface Destination {
  readonly append: Append;
  readonly close: () => void;
}

/**
 * Opens the file at `path`; without one, lines go to standard error, unless the log's level leaves
 * out what is no warning. Null: the file cannot be opened, as is said on standard error.
 */
export async function openAuditTrail(options: AuditTrailOptions): Promise<AuditTrail | null> {
  const { path, level, log } = options;
  const isQuiet = level !== "info" && level !== "debug";
  if (path === null && isQuiet) return SILENT;
  const destination = await openDestination(options);
  if (destination === null) return null;
  const writer = createLineWriter({
    append: destination.append,
    maxPending: MAX_PENDING,
    onFailure: (error) => log.error("audit lines are being lost", { error }),
    onRecovery: (lost) => log.warn("audit lines are written again", { lost }),
  });
  return {
    write: createAudit({ write: writer.write, now: () => new Date() }),
    lost: writer.lost,
    close: async () => {
      await writer.flushed();
      destination.close();
    },
  };
}

const SILENT: AuditTrail = { write: () => {}, lost: () => 0, close: () => Promise.resolve() };

async function openDestination(
  { path, stderr, onReload }: AuditTrailOptions,
): Promise<Destination | null> {
  if (path === null) {
    const append = (text: string) => Promise.try(() => stderr(text.trimEnd()));
    return { append, close: () => {} };
  }
  try {
    const file = await openAuditFile(path, () => performance.now());
    const unsubscribe = onReload(file.reopen);
    return {
      append: file.append,
      close: () => {
        unsubscribe();
        file.close();
      },
    };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    stderr(`lmcp-hub: Cannot open audit file "${path}": ${reason}`);
    return null;
  }
}
