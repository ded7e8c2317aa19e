import type { Clock } from "../base/clock.ts";
import { countFreeDescriptors } from "../base/descriptors.ts";
import type { Logger } from "../base/log.ts";
import { within } from "../base/within.ts";

/** A listening server, as `Deno.serve` makes it. */
export type Listener = Pick<Deno.HttpServer<Deno.NetAddr>, "addr" | "finished" | "shutdown">;

/** What `keepPortOpen()` needs. */
export interface PortOptions {
  /** Listens on a port, 0 for a free one. Throws if it cannot be used. */
  readonly listen: (port: number) => Listener;
  readonly port: number;
  readonly log: Pick<Logger, "warn" | "error">;
  readonly clock: Pick<Clock, "now" | "after" | "every">;
  /** How many more descriptors can be opened, up to a number; default: it tries. */
  readonly countFree?: (most: number) => number;
}

/** A port that stays open until it is closed, whatever happens to its listener. */
export interface OpenPort {
  readonly addr: Deno.NetAddr;
  /** Accepts no more, and resolves when what is being answered has left, or `ms` later. */
  readonly close: (ms: number) => Promise<void>;
}

/** With fewer descriptors left, idle connections are closed. */
const MARGIN = 64;
/** Between two counts of the descriptors that are left. */
const COUNT_MS = 2_000;
/** The first and the longest wait before a port is opened again. */
const RETRY_MS = { first: 5, longest: 250 } as const;
/** A listener that lasted as long has recovered: the next one may follow soon. */
const SOUND_MS = 1_000;
/** Between two lines in the log about the same trouble. */
const LOG_MS = 10_000;

/**
 * Opens a port, and again whenever its listener fails, as it does when there are no descriptors left.
 * A listener that is replaced first closes its connections that carry no request: those that idle, or
 * have sent no whole header, for which Deno's server has no deadline. When few descriptors are left
 * it is replaced for that reason alone. Throws what `listen` throws at the start.
 */
export function keepPortOpen(options: PortOptions): OpenPort {
  const { listen, log, clock, countFree = countFreeDescriptors } = options;
  const retired = new Set<Promise<void>>();
  const logSeldom = createSeldomLog(clock);
  let current = listen(options.port);
  let openedAt = clock.now();
  let retryMs: number = RETRY_MS.first;
  let cancelRetry = () => {};
  let state: "open" | "opening" | "closed" = "open";
  const { addr } = current;

  function watch(listener: Listener): void {
    listener.finished.catch((error) => {
      if (listener !== current || state !== "open") return;
      logSeldom(() => log.error("accepting connections failed: listening again", { error }));
      replace();
    });
  }

  function retire(listener: Listener): void {
    const ended = listener.shutdown().catch(() => {}).finally(() => retired.delete(ended));
    retired.add(ended);
  }

  function replace(): void {
    state = "opening";
    retire(current);
    retryMs = clock.now() - openedAt > SOUND_MS ? RETRY_MS.first : nextRetry(retryMs);
    cancelRetry = clock.after(retryMs, reopen);
  }

  function reopen(): void {
    try {
      current = listen(addr.port);
    } catch (error) {
      logSeldom(() => log.error("listening failed: trying again", { error }));
      retryMs = nextRetry(retryMs);
      cancelRetry = clock.after(retryMs, reopen);
      return;
    }
    state = "open";
    openedAt = clock.now();
    watch(current);
  }

  function shed(): void {
    if (state !== "open" || countFree(MARGIN) === MARGIN) return;
    logSeldom(() => log.warn("few descriptors are left: idle connections are closed"));
    replace();
  }

  watch(current);
  const stopCounting = clock.every(COUNT_MS, shed);
  return {
    addr,
    close: async (ms) => {
      if (state === "open") retire(current);
      state = "closed";
      stopCounting();
      cancelRetry();
      // Deno cannot cut off what a server that was shut down still sends: the program's end does.
      await within(Promise.all(retired), ms);
    },
  };
}

function nextRetry(ms: number): number {
  return Math.min(2 * ms, RETRY_MS.longest);
}

/** Calls what it is given, but not more often than every ten seconds. */
function createSeldomLog({ now }: Pick<Clock, "now">): (write: () => void) => void {
  let nextAt = -Infinity;
  return function logSeldom(write) {
    if (now() < nextAt) return;
    nextAt = now() + LOG_MS;
    write();
  };
}
