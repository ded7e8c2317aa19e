import type { Clock } from "../base/time/clock.ts";
import type { Logger } from "../base/log.ts";
import type { CallRecord } from "../calls/record.ts";
import type { Audit, AuditContext } from "./record.ts";

/** How long a call waits for its line to be written. */
const MAX_WAIT_MS = 5_000;

/** What the caller reads; the reason, which may name files, is in the log alone. */
const UNWRITTEN = "the audit trail of this hub cannot be written, so nothing was run: " +
  "ask its operator, whose log says why";

/**
 * Writes that a call is about to be sent to a host. One that changes something is waited for until
 * its line is in the file; resolves with why it may not be sent then, null: it may. Null at once:
 * there is nothing to wait for.
 */
export type Begin = (
  call: CallRecord,
  context: AuditContext & { readonly readOnly: boolean },
) => Promise<string | null> | null;

/** A `Begin` that nothing waits for. */
export function beginAtOnce({ beginSoon }: Audit): Begin {
  return function noteBegun(call, context) {
    beginSoon(call, context);
    return null;
  };
}

/** Options of `beginInFile()`. */
export interface BeginOptions {
  /** Whether calls that change something are refused while the file cannot be written. */
  readonly isRequired: boolean;
  readonly log: Logger;
  readonly clock: Pick<Clock, "after">;
}

/** A `Begin` for lines that go to a file. */
export function beginInFile(audit: Audit, { isRequired, log, clock }: BeginOptions): Begin {
  const noteBegun = beginAtOnce(audit);
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
