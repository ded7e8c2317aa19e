import { writeFailure } from "../base/files/write_failure.ts";
import type { ApprovalEvent } from "../approvals/gate.ts";
import { setImmediate } from "node:timers";
import type { Clock } from "../base/time/clock.ts";
import { createCoarseClock } from "../base/time/coarse_clock.ts";
import { type Append, createLineWriter } from "../base/line_writer.ts";
import type { Logger, LogLevel } from "../base/log.ts";
import { createRate } from "../base/time/rate.ts";
import type { Redact } from "../base/text/redact.ts";
import type { Denial } from "../calls/denial.ts";
import type { CallRecord } from "../calls/record.ts";
import { type Begin, beginAtOnce, beginInFile } from "./begin.ts";
import { announceChain } from "./announce.ts";
import { type ChainHead, NO_LINE } from "./chain.ts";
import { type AuditFile, openAuditFile } from "./file.ts";
import { type AuditContext, createAudit, isRefusal } from "./record.ts";

/** Characters that may wait to be written while a disk is slow. */
const MAX_PENDING = 16 * 1024 * 1024;
/** How late the end of a wait may be noticed. */
const TICK_MS = 100;
/**
 * Lines of refused calls, for each principal: one that may do nothing at all could fill a disk with
 * them. This is 170 MB a day at most.
 */
const REFUSED_CALLS = { burst: 1_000, refillMs: 1_000 };

/** Where calls are written down: a file, standard error, or nowhere. */
export interface AuditTrail {
  readonly begin: Begin;
  /** Writes a call that has ended. */
  readonly end: (call: CallRecord, context: AuditContext) => void;
  /** Writes that a request had no valid token; not on standard error, where the log says so. */
  readonly deny: (denial: Denial) => void;
  /** Writes what has happened to an approval. */
  readonly approval: (event: ApprovalEvent, redact: Redact) => void;
  /** Lines that could not be written. */
  readonly lost: () => number;
  /** The newest line, where each has the hash of the one before; else null. */
  readonly head: () => ChainHead | null;
  /** Writes what is left. */
  readonly close: () => Promise<void>;
}

/** Options of `openAuditTrail()`. */
export interface AuditTrailOptions {
  /** The file; null: standard error. */
  readonly path: string | null;
  /** Whether each line of the file has the hash of the one before; default: no. */
  readonly isChained?: boolean;
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
  readonly head: AuditFile["head"];
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
  const clock = createCoarseClock(TICK_MS, options.clock);
  const destination = await openDestination({ ...options, clock });
  if (destination === null) {
    clock[Symbol.dispose]();
    return null;
  }
  const writer = createLineWriter({
    append: destination.append,
    maxPending: MAX_PENDING,
    gather: untilEndOfTurn,
    onFailure: (error) => log.error("audit lines are being lost", { error }),
    onRecovery: (lost) => log.warn("audit lines are written again", { lost }),
  });
  const audit = createAudit({ ...writer, now: () => new Date() });
  const refused = createRate({
    ...REFUSED_CALLS,
    clock,
    onLeftOut: (principal, count) => audit.leaveOut("refused calls", { principal, count }),
  });
  return {
    begin: path === null ? beginAtOnce(audit) : beginInFile(audit, { ...options, clock }),
    end: (call, context) => {
      if (!isRefusal(call) || refused.admits(call.principal)) audit.end(call, context);
    },
    deny: path === null ? () => {} : audit.deny,
    approval: (event, redact) => {
      // What operators are asked is little, and what they say is theirs; a client can ask itself at will.
      const { asked, principal } = event.request;
      const isRun = event.kind === "allowed" || event.kind === "used";
      if (asked === "operator" || isRun || refused.admits(principal)) audit.approval(event, redact);
    },
    lost: writer.lost,
    head: destination.head,
    close: async () => {
      refused[Symbol.dispose]();
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

const SILENT: AuditTrail = {
  begin: () => null,
  end: () => {},
  deny: () => {},
  approval: () => {},
  lost: () => 0,
  head: () => null,
  close: () => Promise.resolve(),
};

async function openDestination(
  { path, isChained = false, stderr, log, clock, onReload }: AuditTrailOptions & {
    readonly clock: Clock;
  },
): Promise<Destination | null> {
  if (path === null) {
    // What nobody reads must keep nothing waiting, so it does not matter when it is written.
    const append = (text: string) =>
      Promise.try(() => {
        for (const line of text.trimEnd().split("\n")) stderr(line);
      });
    return { append, head: () => null, close: () => {} };
  }
  try {
    const file = await openAuditFile(path, {
      now: () => performance.now(),
      isChained,
      onOpen: () => announcer?.announce(),
    });
    const { append, head } = file;
    const announcer = isChained
      ? announceChain({ path, head: () => head() ?? NO_LINE, log, clock })
      : null;
    const unsubscribe = onReload(file.reopen);
    return {
      append,
      head,
      close: () => {
        unsubscribe();
        announcer?.[Symbol.dispose]();
        file.close();
      },
    };
  } catch (error) {
    stderr(`lmcp-hub: Cannot open audit file "${path}": ${writeFailure(error)}`);
    return null;
  }
}
