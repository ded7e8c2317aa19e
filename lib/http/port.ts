import type { Clock } from "../base/time/clock.ts";
import { countFreeDescriptors } from "../base/descriptors.ts";
import type { Logger } from "../base/log.ts";
import { within } from "../base/time/within.ts";

/** A listening server, as `Deno.serve` makes it. */
export type Listener = Pick<Deno.HttpServer<Deno.NetAddr>, "addr" | "finished" | "shutdown">;

/** Options of an `OpenPort`. */
export interface PortOptions {
  /** Listens on a port, 0 for a free one. Throws if it cannot be used. */
  readonly listen: (port: number) => Listener;
  readonly port: number;
  readonly log: Pick<Logger, "warn" | "error">;
  readonly clock: Pick<Clock, "now" | "after" | "every">;
  /** How many more descriptors can be opened, up to a number; default: it tries. */
  readonly countFree?: (most: number) => number;
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
 * A port that is opened, and again whenever its listener fails, as it does when there are no
 * descriptors left. A listener that is replaced first closes its connections that carry no request:
 * those that idle, or have sent no whole header, for which Deno's server has no deadline. When few
 * descriptors are left it is replaced for that reason alone.
 */
export class OpenPort {
  readonly addr: Deno.NetAddr;
  readonly #options: PortOptions;
  readonly #countFree: (most: number) => number;
  readonly #retired = new Set<Promise<void>>();
  readonly #logSeldom: (write: () => void) => void;
  readonly #stopCounting: () => void;
  #state: "open" | "opening" | "closed" = "open";
  #current: Listener;
  #openedAt: number;
  #retryMs: number = RETRY_MS.first;
  #cancelRetry = () => {};

  /** Throws what `listen` throws. */
  constructor(options: PortOptions) {
    const { listen, port, clock, countFree = countFreeDescriptors } = options;
    this.#options = options;
    this.#countFree = countFree;
    this.#logSeldom = createSeldomLog(clock);
    this.#current = listen(port);
    this.#openedAt = clock.now();
    this.addr = this.#current.addr;
    this.#watch(this.#current);
    this.#stopCounting = clock.every(COUNT_MS, () => this.#shed());
  }

  /** Accepts no more, and resolves when what is being answered has left, or `ms` later. */
  async close(ms: number): Promise<void> {
    if (this.#state === "open") this.#retire(this.#current);
    this.#state = "closed";
    this.#stopCounting();
    this.#cancelRetry();
    // Deno cannot cut off what a server that was shut down still sends: the program's end does.
    await within(Promise.all(this.#retired), ms);
  }

  #watch(listener: Listener): void {
    listener.finished.catch((error) => {
      if (listener !== this.#current || this.#state !== "open") return;
      const message = "accepting connections failed: listening again";
      this.#logSeldom(() => this.#options.log.error(message, { error }));
      this.#replace();
    });
  }

  #retire(listener: Listener): void {
    const ended = listener.shutdown().catch(() => {}).finally(() => this.#retired.delete(ended));
    this.#retired.add(ended);
  }

  #replace(): void {
    const { now } = this.#options.clock;
    const isSound = now() - this.#openedAt > SOUND_MS;
    this.#state = "opening";
    this.#retire(this.#current);
    this.#retryMs = isSound ? RETRY_MS.first : nextRetry(this.#retryMs);
    this.#reopenLater();
  }

  #reopenLater(): void {
    this.#cancelRetry = this.#options.clock.after(this.#retryMs, () => this.#reopen());
  }

  #reopen(): void {
    const { listen, log, clock } = this.#options;
    try {
      this.#current = listen(this.addr.port);
    } catch (error) {
      this.#logSeldom(() => log.error("listening failed: trying again", { error }));
      this.#retryMs = nextRetry(this.#retryMs);
      return this.#reopenLater();
    }
    this.#state = "open";
    this.#openedAt = clock.now();
    this.#watch(this.#current);
  }

  #shed(): void {
    if (this.#state !== "open" || this.#countFree(MARGIN) === MARGIN) return;
    const message = "few descriptors are left: idle connections are closed";
    this.#logSeldom(() => this.#options.log.warn(message));
    this.#replace();
  }
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
