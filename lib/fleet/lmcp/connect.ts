import { Socket } from "node:net";
import { Agent, buildConnector } from "undici";
import type { Clock } from "../../base/time/clock.ts";
import type { Lookup } from "../resolver.ts";
import { resumeAtEnd } from "./paused_end.ts";

/** A connection that was never made: nothing was sent, whatever the cause. */
export class ConnectError extends Error {
  /** Whether it took too long, rather than failing with an error of the network. */
  readonly timedOut: boolean;

  constructor(message: string, options: ErrorOptions & { readonly timedOut: boolean }) {
    super(message, options);
    this.name = "ConnectError";
    this.timedOut = options.timedOut;
  }
}

/**
 * Makes a connection, and calls back once with it or with why there is none. Returns what gives up on
 * one that is being made.
 */
export type Connector = (
  target: buildConnector.Options,
  callback: buildConnector.Callback,
) => () => void;

/** Makes the `Connector` that connects to a target itself, by TCP and TLS. */
export function createNetConnector(lookup: Lookup): Connector {
  const connect = buildConnector({ timeout: 0, lookup });
  return function connectToTarget(target, callback) {
    // Gives the socket that it connects, though its type does not say so.
    const socket: unknown = connect(target, callback);
    return () => {
      if (socket instanceof Socket) socket.destroy();
    };
  };
}

/** An undici agent, and what ends it. */
export interface HttpAgent {
  readonly dispatcher: Agent;
  /** How many connections to an origin have been closed so far. */
  readonly disconnects: (origin: string) => number;
  /** Takes no more requests, and ends its connections when those under way are over. */
  readonly retire: () => Promise<void>;
  /** Ends all connections, those too that are being made; requests under way fail. */
  readonly close: () => Promise<void>;
}

/** Options of `createHttpAgent()`. */
export interface HttpAgentOptions {
  readonly connectMs: number;
  readonly connector: Connector;
  readonly clock: Clock;
  /** Whether connections are kept for further requests; default: yes. */
  readonly keeps?: boolean;
}

/**
 * Makes an undici agent whose connection errors, and only those, are `ConnectError`: the connector
 * is where undici's own phases part, so no list of codes has to be complete. `connectMs` covers all
 * that the connector does, with a timer of our own: undici's is up to a second late.
 */
export function createHttpAgent(options: HttpAgentOptions): HttpAgent {
  /** Undici lets go on what it was making when it is destroyed. */
  const attempts = new Set<() => void>();
  const dispatcher = new Agent({
    connect: (target, callback) => {
      let isGivenUp = false;
      const end = () => {
        cancelTimeout();
        attempts.delete(giveUp);
      };
      const giveUp = () => {
        isGivenUp = true;
        end();
        endConnecting();
      };
      const cancelTimeout = options.clock.after(options.connectMs, () => {
        giveUp();
        callback(new ConnectError("timeout", { timedOut: true }), null);
      });
      attempts.add(giveUp);
      const endConnecting = options.connector(target, (error, connected) => {
        end();
        if (isGivenUp) return connected?.destroy();
        if (error !== null) return callback(connectError(error), null);
        resumeAtEnd(connected);
        callback(null, connected);
      });
    },
    // A call has one deadline of its own, from the first byte sent to the last one read.
    headersTimeout: 0,
    bodyTimeout: 0,
    ...(options.keeps === false ? { pipelining: 0 } : {}),
  });
  const closed = new Map<string, number>();
  dispatcher.on("disconnect", ({ origin }) => closed.set(origin, (closed.get(origin) ?? 0) + 1));
  return {
    dispatcher,
    disconnects: (origin) => closed.get(origin) ?? 0,
    retire: () => dispatcher.close(),
    close: async () => {
      const destroyed = dispatcher.destroy();
      for (const giveUp of attempts) giveUp();
      await destroyed;
    },
  };
}

/** Few words for the codes of getaddrinfo(3) and connect(2), as the Lua hub has them. */
const MESSAGES: Readonly<Record<string, string>> = {
  ECONNREFUSED: "connection refused",
  ETIMEDOUT: "timeout",
  ENOTFOUND: "host or service not provided, or not known",
  EAI_AGAIN: "temporary failure in name resolution",
  EHOSTUNREACH: "No route to host",
  ENETUNREACH: "Network is unreachable",
  ECONNRESET: "closed",
};

function connectError(cause: Error): ConnectError {
  if (cause instanceof ConnectError) return cause;
  const code = codeOf(cause);
  const message = MESSAGES[code] ?? (cause.message || code);
  return new ConnectError(message, { cause, timedOut: code === "ETIMEDOUT" });
}

function codeOf(error: Error): string {
  if (error instanceof AggregateError && error.errors[0] instanceof Error) {
    return codeOf(error.errors[0]);
  }
  return "code" in error && typeof error.code === "string" ? error.code : "";
}
