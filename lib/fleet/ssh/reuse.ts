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

/**
 * Makes a `Reuse`. While a connection is being made, further calls to the same destination
 * wait for it: ssh processes that race for one socket would each keep a connection of their own.
 */
export function createReuse({ control, now, stampConfig, onLeave }: ReuseOptions): Reuse {
  const openings = new Map<string, Promise<Opened>>();
  const made = new Map<string, Made>();
  const countOf = (sshHost: string) => made.get(sshHost)?.count ?? 0;
  const setExpiry = (sshHost: string, expiresAt: number) => {
    made.set(sshHost, { count: countOf(sshHost), expiresAt });
  };
  const isExpired = (sshHost: string) => now() >= (made.get(sshHost)?.expiresAt ?? Infinity);

  /** A fresh folder. A master that is stuck or too old gets no new work, and leaves when it is idle. */
  async function renewFolder(sshHost: string): Promise<string | null> {
    onLeave(sshHost);
    await control.discard(sshHost);
    return await control.directoryFor(sshHost);
  }

  async function open(call: ReusingCall): Promise<SshResult> {
    const { sshHost } = call;
    const opening = Promise.withResolvers<Opened>();
    openings.set(sshHost, opening.promise);
    const settle = (opened: Opened) => {
      if (openings.get(sshHost) === opening.promise) openings.delete(sshHost);
      opening.resolve(opened);
    };
    const directory = await renewFolder(sshHost);
    setExpiry(sshHost, Infinity);
    const onReady = () => {
      made.set(sshHost, { count: countOf(sshHost) + 1, expiresAt: now() + MAX_AGE_MS });
      settle("open");
    };
    try {
      const result = await call.run({ directory, onReady });
      if (isUseless(result)) await renewFolder(sshHost);
      if (result.kind === "not_delivered" && !call.signal.aborted) settle(result);
      return result;
    } finally {
      settle("cancelled");
    }
  }

  async function run(call: ReusingCall): Promise<SshResult> {
    const { sshHost, signal } = call;
    const directory = await control.directoryFor(sshHost);
    if (directory === null) return await call.run({ directory });
    const countBefore = countOf(sshHost);
    if (!isExpired(sshHost) && await control.isWarm(sshHost)) {
      const result = await call.run({ directory });
      if (!isUseless(result)) return result;
    }
    for (;;) {
      if (countOf(sshHost) !== countBefore) return await call.run({ directory });
      const opening = openings.get(sshHost);
      if (opening === undefined) return await open(call);
      const opened = await within(opening, call.openingMs, signal);
      if (signal.aborted) return notDelivered("cancelled");
      // The opener failed, so this call would fail alike: it shares the reason, not another wait.
      if (typeof opened === "object") return opened;
      if (opened === "timeout") return await call.run({ directory });
    }
  }

  const isCurrent = async (sshHost: string, { count, config }: KeptConnection) =>
    await stampConfig() === config && countOf(sshHost) === count && !openings.has(sshHost) &&
    !isExpired(sshHost);

  return {
    run,
    isCurrent,
    current: async (sshHost) => {
      const count = countOf(sshHost);
      const directory = await control.directoryFor(sshHost);
      if (directory === null || !await control.isWarm(sshHost)) return null;
      const connection = { directory, count, config: await stampConfig() };
      return await isCurrent(sshHost, connection) ? connection : null;
    },
    discard: async (sshHost, connection) => {
      if (await isCurrent(sshHost, connection)) await renewFolder(sshHost);
    },
    renew: (sshHost) => {
      onLeave(sshHost);
      if (!openings.has(sshHost)) setExpiry(sshHost, -Infinity);
    },
  };
}

function isUseless(result: SshResult): boolean {
  return result.kind === "not_delivered" && result.badConnection === true;
}
