import { within } from "../../base/time/within.ts";
import type { SshControl } from "./control.ts";
import { notDelivered, type SshFailure, type SshResult, type SshWay } from "./run.ts";

/** A call to one destination, as far as reuse has to know it. */
export interface ReusingCall {
  readonly sshHost: string;
  readonly signal: AbortSignal;
  /** Longest wait for another call's connection. */
  readonly openingMs: number;
  /** Runs the call in a process of its own; may be repeated while it is not delivered. */
  readonly run: (way: SshWay) => Promise<SshResult>;
}

/** Kept connections, one for each destination. */
export interface Reuse {
  /** Runs a call over the destination's connection. */
  readonly run: (call: ReusingCall) => Promise<SshResult>;
  /** Has the next call to a destination make a connection. What runs over the old one goes on. */
  readonly renew: (sshHost: string) => void;
  /** The connection that a call would use; null: it would make one. Never rejects. */
  readonly current: (sshHost: string) => Promise<KeptConnection | null>;
  /** Whether calls would use that connection, if it has not ended. Never rejects. */
  readonly isCurrent: (sshHost: string, connection: KeptConnection) => Promise<boolean>;
  /** Has the next call make a connection instead of using that one. Never rejects. */
  readonly discard: (sshHost: string, connection: KeptConnection) => Promise<void>;
}

/** A connection to a destination. */
export interface KeptConnection {
  /** Where its socket is. */
  readonly directory: string;
  /** Which one it is of all that were made to its destination. */
  readonly count: number;
  /** The stamp of ssh's configuration: with another one the destination may lead elsewhere. */
  readonly config: string;
}

/**
 * A connection is used for so long: what a login gives, such as the user's groups, stays the same
 * within it.
 */
const MAX_AGE_MS = 3_600_000;

/** What is known of a destination's connections. */
interface Made {
  /** How many have been made. */
  readonly count: number;
  /** When the newest one is too old, by the monotonic clock. */
  readonly expiresAt: number;
}

/** The result of making a connection: it is there, it failed, or its caller went away. */
type Opened = "open" | "cancelled" | SshFailure;

/** Options of `createReuse()`. */
export interface ReuseOptions {
  readonly control: SshControl;
  /** Monotonic, in milliseconds. */
  readonly now: () => number;
  /** Never rejects. */
  readonly stampConfig: () => Promise<string>;
  /** Called when calls no longer use the connection to a destination that they used. */
  readonly onLeave: (sshHost: string) => void;
}

/** Makes a `Reuse`. */
export function createReuse(options: ReuseOptions): Reuse {
  return new KeptConnections(options);
}

/**
 * The connection of each destination, and the calls that wait for one. While it is being made, further
 * calls to the same destination wait for it: ssh processes that race for one socket would each keep a
 * connection of their own.
 */
class KeptConnections implements Reuse {
  readonly #options: ReuseOptions;
  readonly #openings = new Map<string, Promise<Opened>>();
  readonly #made = new Map<string, Made>();

  constructor(options: ReuseOptions) {
    this.#options = options;
  }

  async run(call: ReusingCall): Promise<SshResult> {
    const { sshHost, signal } = call;
    const { control } = this.#options;
    const directory = await control.directoryFor(sshHost);
    if (directory === null) return await call.run({ directory });
    const countBefore = this.#countOf(sshHost);
    if (!this.#isExpired(sshHost) && await control.isWarm(sshHost)) {
      const result = await call.run({ directory });
      if (!isUseless(result)) return result;
    }
    for (;;) {
      if (this.#countOf(sshHost) !== countBefore) return await call.run({ directory });
      const opening = this.#openings.get(sshHost);
      if (opening === undefined) return await this.#open(call);
      const opened = await within(opening, call.openingMs, signal);
      if (signal.aborted) return notDelivered("cancelled");
      // The opener failed, so this call would fail alike: it shares the reason, not another wait.
      if (typeof opened === "object") return opened;
      if (opened === "timeout") return await call.run({ directory });
    }
  }

  renew(sshHost: string): void {
    this.#options.onLeave(sshHost);
    if (!this.#openings.has(sshHost)) this.#setExpiry(sshHost, -Infinity);
  }

  async current(sshHost: string): Promise<KeptConnection | null> {
    const { control, stampConfig } = this.#options;
    const count = this.#countOf(sshHost);
    const directory = await control.directoryFor(sshHost);
    if (directory === null || !await control.isWarm(sshHost)) return null;
    const connection = { directory, count, config: await stampConfig() };
    return await this.isCurrent(sshHost, connection) ? connection : null;
  }

  async isCurrent(sshHost: string, { count, config }: KeptConnection): Promise<boolean> {
    return await this.#options.stampConfig() === config && this.#countOf(sshHost) === count &&
      !this.#openings.has(sshHost) && !this.#isExpired(sshHost);
  }

  async discard(sshHost: string, connection: KeptConnection): Promise<void> {
    if (await this.isCurrent(sshHost, connection)) await this.#renewFolder(sshHost);
  }

  async #open(call: ReusingCall): Promise<SshResult> {
    const { sshHost } = call;
    const opening = Promise.withResolvers<Opened>();
    this.#openings.set(sshHost, opening.promise);
    const settle = (opened: Opened) => {
      if (this.#openings.get(sshHost) === opening.promise) this.#openings.delete(sshHost);
      opening.resolve(opened);
    };
    const directory = await this.#renewFolder(sshHost);
    this.#setExpiry(sshHost, Infinity);
    const onReady = () => {
      const expiresAt = this.#options.now() + MAX_AGE_MS;
      this.#made.set(sshHost, { count: this.#countOf(sshHost) + 1, expiresAt });
      settle("open");
    };
    try {
      const result = await call.run({ directory, onReady });
      if (isUseless(result)) await this.#renewFolder(sshHost);
      if (result.kind === "not_delivered" && !call.signal.aborted) settle(result);
      return result;
    } finally {
      settle("cancelled");
    }
  }

  /** A fresh folder. A master that is stuck or too old gets no new work, and leaves when it is idle. */
  async #renewFolder(sshHost: string): Promise<string | null> {
    const { control, onLeave } = this.#options;
    onLeave(sshHost);
    await control.discard(sshHost);
    return await control.directoryFor(sshHost);
  }

  #countOf(sshHost: string): number {
    return this.#made.get(sshHost)?.count ?? 0;
  }

  #setExpiry(sshHost: string, expiresAt: number): void {
    this.#made.set(sshHost, { count: this.#countOf(sshHost), expiresAt });
  }

  #isExpired(sshHost: string): boolean {
    return this.#options.now() >= (this.#made.get(sshHost)?.expiresAt ?? Infinity);
  }
}

function isUseless(result: SshResult): boolean {
  return result.kind === "not_delivered" && result.badConnection === true;
}
