import { Bag } from "../base/bag.ts";
import type { CallRecord } from "../mcp/call.ts";
import type { CallOutcome, FinishedCall } from "../calls/finished.ts";
import type { CarriedCall } from "../tools/carried.ts";

/** Joins what the protocol and what the tools know of a call. */
export interface Journal {
  /** To be told of every call that was handed to a host, before `onCall`. */
  readonly onCarried: (call: CarriedCall) => void;
  /** To be told of every call when it has ended. */
  readonly onCall: (record: CallRecord) => void;
}

/** Makes a `Journal` that tells each listener of each finished call, once. */
export function createJournal(listeners: readonly ((call: FinishedCall) => void)[]): Journal {
  const carried = new Bag<CarriedCall>();
  return {
    onCarried: (call) => void carried.add(call),
    onCall: (record) => {
      const known = carried.take(({ requestId }) => requestId === record.requestId);
      const call = finishedCall(record, known ?? null);
      for (const listen of listeners) listen(call);
    },
  };
}

const NOT_CARRIED = {
  via: null,
  fallbackReason: null,
  exitCode: null,
  phases: { queue: null, connect: null, run: null },
};

function finishedCall(record: CallRecord, carried: CarriedCall | null): FinishedCall {
  const { via, fallbackReason, exitCode, phases } = carried ?? NOT_CARRIED;
  const { requestId, principal, client, traceparent, tool, args, ending, answer } = record;
  return {
    requestId,
    principal,
    client,
    traceparent,
    tool,
    host: typeof args.host === "string" ? args.host : null,
    args,
    via,
    outcome: outcomeOf(record, carried),
    fallbackReason,
    exitCode,
    ended: ending,
    answer,
    durationMs: record.durationMs,
    phases,
  };
}

/** What became of the work counts, not whether somebody still waited for the answer. */
function outcomeOf({ outcome }: CallRecord, carried: CarriedCall | null): CallOutcome {
  switch (outcome) {
    case "bug":
      return "bug";
    case "refused":
      return "refused";
    case "ok":
      return carried?.outcome ?? "ok";
    case "failed":
      // A tool that failed without asking a host did not accept its arguments.
      return carried?.outcome ?? "refused";
    case "ended":
      return carried?.outcome ?? "unknown";
  }
}
