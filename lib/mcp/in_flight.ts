import { type CallRecord, hostsOf } from "../calls/record.ts";

/** Why a call ended before its tool did. */
export type Ending = "cancelled" | "disconnected" | "operator" | "stopping";

/** The reason of the signal that asks a tool to stop. */
export class CallEnded extends DOMException {
  readonly ending: Ending;

  constructor(ending: Ending) {
    super(`The call was ended: ${ending}`, "AbortError");
    this.ending = ending;
  }
}

/** A call while its tool runs. */
export interface RunningCall {
  readonly signal: AbortSignal;
  /** Null while nobody has asked the tool to stop. */
  readonly ending: () => Ending | null;
  /** Aborts `signal`; the first reason stays. */
  readonly end: (ending: Ending) => void;
  /** Says that it is answered and goes on: no notification of its client's can cancel it any more. */
  readonly goOn: () => void;
  /** To be called once, when the tool has ended. */
  readonly leave: () => void;
}

/** A call that runs, as an operator sees it. */
export interface CallInProgress {
  /** The server's own id of it. */
  readonly id: string;
  readonly principal: string;
  readonly tool: string;
  /** What the client says of itself; null: nothing. */
  readonly client: CallRecord["client"];
  /** The hosts that it is about, as far as they are known. */
  readonly hosts: readonly string[];
  /** When it began, in milliseconds since 1970. */
  readonly startedAt: number;
}

/** What an operator sees of the calls that run, and may do to them. */
export interface OperatedCalls {
  /** In the order in which they began. */
  readonly list: () => readonly CallInProgress[];
  /** Ends the call of that id; false: it does not run. */
  readonly end: (id: string) => boolean;
  /** Calls the listener when a call has begun or ended. Returns the function that ends it. */
  readonly watch: (listener: () => void) => () => void;
}

/** What is known of a call that starts. */
export interface StartedCall {
  /** Names the call for `cancel`; null: no notification can cancel it. */
  readonly key: string | null;
  readonly record: CallRecord;
  /** In milliseconds since 1970. */
  readonly startedAt: number;
}

/** The calls that run now. Each leaves by itself when it ends. */
export interface InFlight extends OperatedCalls {
  /** Null: the server stops, and starts none. */
  readonly start: (call: StartedCall) => RunningCall | null;
  /**
   * Ends the call of that key, if it runs. Clients that number each conversation's requests from 1
   * in one session run several calls under one key: it is not known which is meant, and none ends.
   */
  readonly cancel: (key: string) => void;
  /** Calls that run now. */
  readonly count: () => number;
  /** Starts no more; resolves when none runs. Once `signal` aborts, those that still run are ended. */
  readonly close: (signal: AbortSignal) => Promise<void>;
}

interface KnownCall extends Omit<StartedCall, "key"> {
  key: string | null;
  readonly call: RunningCall;
}

/** The table of running calls. */
export function createInFlight(): InFlight {
  // Short enough for a list; a `Set` this busy costs more (lib/base/coarse_clock.ts says why).
  const running: KnownCall[] = [];
  const idle = Promise.withResolvers<void>();
  let listeners: readonly (() => void)[] = [];
  let isClosed = false;

  function report(): void {
    for (const listener of listeners) listener();
  }

  function start(started: StartedCall): RunningCall | null {
    if (isClosed) return null;
    const call = createCall({
      goOn: () => {
        known.key = null;
      },
      leave: () => {
        running.splice(running.indexOf(known), 1);
        report();
        if (isClosed && running.length === 0) idle.resolve();
      },
    });
    const known: KnownCall = { ...started, call };
    running.push(known);
    report();
    return call;
  }

  function cancel(key: string): void {
    const [named, ...others] = running.filter((known) => known.key === key);
    if (others.length === 0) named?.call.end("cancelled");
  }

  function end(id: string): boolean {
    const known = running.find(({ record }) => record.requestId === id);
    known?.call.end("operator");
    return known !== undefined;
  }

  async function close(signal: AbortSignal): Promise<void> {
    isClosed = true;
    const endAll = () => [...running].forEach(({ call }) => call.end("stopping"));
    if (running.length === 0) idle.resolve();
    if (signal.aborted) endAll();
    signal.addEventListener("abort", endAll, { once: true });
    await idle.promise;
    signal.removeEventListener("abort", endAll);
  }

  function watch(listener: () => void): () => void {
    // Not the listener itself, which may be given twice.
    const own = () => listener();
    listeners = [...listeners, own];
    return () => {
      listeners = listeners.filter((other) => other !== own);
    };
  }

  return {
    start,
    cancel,
    list: () => running.map(show),
    end,
    watch,
    count: () => running.length,
    close,
  };
}

function show({ record, startedAt }: KnownCall): CallInProgress {
  const { requestId: id, principal, client, tool } = record;
  return { id, principal, client, tool, hosts: hostsOf(record), startedAt };
}

function createCall(hooks: Pick<RunningCall, "goOn" | "leave">): RunningCall {
  const controller = new AbortController();
  let reason: Ending | null = null;
  return {
    signal: controller.signal,
    ending: () => reason,
    end(ending) {
      if (reason !== null) return;
      reason = ending;
      controller.abort(new CallEnded(ending));
    },
    ...hooks,
  };
}
