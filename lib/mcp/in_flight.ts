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

/** What notifications may do to the calls that run. */
export interface CancellableCalls {
  /** How many run under a key. */
  readonly countOf: (key: string) => number;
  /**
   * Ends the call of that key, if it runs. Clients that number each conversation's requests from 1
   * in one session run several calls under one key: it is not known which is meant, and none ends.
   */
  readonly cancel: (key: string) => void;
}

/** The calls that run now. Each leaves by itself when it ends. */
export interface InFlight extends OperatedCalls, CancellableCalls {
  /** Null: the server stops, and starts none. */
  readonly start: (call: StartedCall) => RunningCall | null;
  /** Calls that run now. */
  readonly count: () => number;
  /** Starts no more; resolves when none runs. Once `signal` aborts, those that still run are ended. */
  readonly close: (signal: AbortSignal) => Promise<void>;
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
    const call = new KnownCall(started, leave);
    running.push(call);
    report();
    return call;
  }

  function leave(call: KnownCall): void {
    running.splice(running.indexOf(call), 1);
    report();
    if (isClosed && running.length === 0) idle.resolve();
  }

  function cancel(key: string): void {
    const [named, ...others] = running.filter((known) => known.key === key);
    if (others.length === 0) named?.end("cancelled");
  }

  function countOf(key: string): number {
    return running.filter((known) => known.key === key).length;
  }

  function end(id: string): boolean {
    const known = running.find(({ record }) => record.requestId === id);
    known?.end("operator");
    return known !== undefined;
  }

  async function close(signal: AbortSignal): Promise<void> {
    isClosed = true;
    const endAll = () => [...running].forEach((call) => call.end("stopping"));
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
    countOf,
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

/** A class, since objects made of closures cost each call more. */
class KnownCall implements RunningCall {
  readonly record: CallRecord;
  readonly startedAt: number;
  readonly #controller = new AbortController();
  readonly #onLeave: (call: KnownCall) => void;
  #key: string | null;
  #ending: Ending | null = null;

  constructor({ key, record, startedAt }: StartedCall, onLeave: (call: KnownCall) => void) {
    this.record = record;
    this.startedAt = startedAt;
    this.#key = key;
    this.#onLeave = onLeave;
  }

  get key(): string | null {
    return this.#key;
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  ending(): Ending | null {
    return this.#ending;
  }

  end(ending: Ending): void {
    if (this.#ending !== null) return;
    this.#ending = ending;
    this.#controller.abort(new CallEnded(ending));
  }

  goOn(): void {
    this.#key = null;
  }

  leave(): void {
    this.#onLeave(this);
  }
}
