import { setImmediate } from "node:timers";
import { type Audit, type AuditContext, createAudit } from "./record.ts";
import { openAuditFile } from "./file.ts";
import type { Clock } from "../base/clock.ts";
import { createCoarseClock } from "../base/coarse_clock.ts";
import { type Append, createLineWriter } from "../base/line_writer.ts";
import type { Logger, LogLevel } from "../base/log.ts";
import type { CallRecord } from "../calls/record.ts";

/** Characters that may wait to be written while a disk is slow. */
const MAX_PENDING = 16 * 1024 * 1024;

/** How long a call waits for its line to be written. */
const MAX_WAIT_MS = 5_000;
/** How late the end of that wait may be noticed. */
const TICK_MS = 100;

/** Where calls are written down: a file, standard error, or nowhere. */
export interface AuditTrail {
  /**
   * Writes that a call is about to be sent to a host. One that changes something is waited for until
   * its line is in the file; resolves with why it may not be sent then, null: it may. Null at once:
   * there is nothing to wait for.
   */
  readonly begin: (
    call: CallRecord,
    context: AuditContext & { readonly readOnly: boolean },
  ) => Promise<string | null> | null;
  /** Writes a call that has ended. */
  readonly end: (call: CallRecord, context: AuditContext) => void;
  /** Lines that could not be written. */
  readonly lost: () => number;
  /** Writes what is left. */
  readonly close: () => Promise<void>;
}

/** What `openAuditTrail()` needs. */
export interface AuditTrailOptions {
  /** The file; null: standard error. */
  readonly path: string | null;
  /** Whether calls that change something are refused while the file cannot be written. */
  readonly isRequired: boolean;
  /** Of the log: without a file, a quiet program has no audit trail. */
  readonly level: LogLevel;
  readonly log: Logger;
  /** Takes a line for standard error, without line break. */
  readonly stderr: (line: string) => void;
  /** Default: the machine's. */
  readonly clock?: Clock;
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
    gather: untilEndOfTurn,
    onFailure: (error) => log.error("audit lines are being lost", { error }),
    onRecovery: (lost) => log.warn("audit lines are written again", { lost }),
  });
  const audit = createAudit({ ...writer, now: () => new Date() });
  const clock = createCoarseClock(TICK_MS, options.clock);
  return {
    begin: path === null ? noted(audit.beginSoon) : beginInFile(audit, { ...options, clock }),
    end: audit.end,
    lost: writer.lost,
    close: async () => {
      await writer.flushed();
      destination.close();
      clock[Symbol.dispose]();
    },
  };
}

/** Calls that come in one turn of the event loop cost one write to the file, not one each. */
function untilEndOfTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function noted(begin: Audit["beginSoon"]): AuditTrail["begin"] {
  return function noteBegun(call, context) {
    begin(call, context);
    return null;
  };
}

/** What whoever calls is told; the log has the reason, which may name files. */
const UNWRITTEN = "the audit trail of this hub cannot be written, so nothing was run: " +
  "ask its operator, whose log says why";

function beginInFile(
  audit: Audit,
  { isRequired, log, clock }: Pick<AuditTrailOptions, "isRequired" | "log"> & {
    readonly clock: Clock;
  },
): AuditTrail["begin"] {
  const noteBegun = noted(audit.beginSoon);
  let lastWritten: Promise<Error | null> | null = null;
  let lastWait: Promise<string | null> = Promise.resolve(null);

  async function untilWritten(written: Promise<Error | null>): Promise<string | null> {
    const { promise: isLate, resolve } = Promise.withResolvers<Error>();
    const cancel = clock.after(MAX_WAIT_MS, () => {
      const error = new Error(`It took more than ${MAX_WAIT_MS / 1000} s`);
      log.error("audit lines are not written in time", { error });
      resolve(error);
    });
    const loss = await Promise.race([written, isLate]);
    cancel();
    return loss === null || !isRequired ? null : UNWRITTEN;
  }

  return function writeBegun(call, context) {
    if (context.readOnly) return noteBegun(call, context);
    const written = audit.begin(call, context);
    // Lines that are written together are waited for together.
    if (written !== lastWritten) {
      lastWritten = written;
      lastWait = untilWritten(written);
    }
    return lastWait;
  };
}

const SILENT: AuditTrail = {
  begin: () => null,
  end: () => {},
  lost: () => 0,
  close: () => Promise.resolve(),
};

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
