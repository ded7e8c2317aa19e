/** Why a call ended before its tool did. */
export type Ending = "cancelled" | "disconnected" | "stopping";

/** A call while its tool runs. */
export interface RunningCall {
  readonly signal: AbortSignal;
  /** Null while nobody has asked the tool to stop. */
  readonly ending: () => Ending | null;
  /** Aborts `signal`; the first reason stays. */
  readonly end: (ending: Ending) => void;
  /** To be called once, when the tool has ended. */
  readonly leave: () => void;
}

/** Why a call was not started. */
export type NotStarted = "full" | "stopping";

/** The calls that run now. Each leaves by itself when it ends. */
export interface InFlight {
  /** `key` names the call for `cancel`; null: no notification can cancel it. */
  readonly start: (key: string | null) => RunningCall | NotStarted;
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

interface KeyedCall {
  readonly key: string | null;
  readonly call: RunningCall;
}

/** The table of running calls, at most `maxCalls` of them. */
export function createInFlight(maxCalls: () => number): InFlight {
  // Short enough for a list; a `Set` this busy costs more (lib/base/coarse_clock.ts says why).
  const running: KeyedCall[] = [];
  const idle = Promise.withResolvers<void>();
  let isClosed = false;

  function start(key: string | null): RunningCall | NotStarted {
    if (isClosed) return "stopping";
    if (running.length >= maxCalls()) return "full";
    const call = createCall(() => {
      running.splice(running.indexOf(keyed), 1);
      if (isClosed && running.length === 0) idle.resolve();
    });
    const keyed = { key, call };
    running.push(keyed);
    return call;
  }

  function cancel(key: string): void {
    const [named, ...others] = running.filter((known) => known.key === key);
    if (others.length === 0) named?.call.end("cancelled");
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

  const count = () => running.length;
  return { start, cancel, count, close };
}

function createCall(leave: () => void): RunningCall {
  const controller = new AbortController();
  let reason: Ending | null = null;
  return {
    signal: controller.signal,
    ending: () => reason,
    end(ending) {
      if (reason !== null) return;
      reason = ending;
      controller.abort(new DOMException(`The call was ended: ${ending}`, "AbortError"));
    },
    leave,
  };
}
