import { Agent, buildConnector, type Dispatcher } from "undici";
import type { Lookup } from "./resolver.ts";

/** A connection that was never made: nothing was sent, whatever the cause. */
export class ConnectError extends Error {
  /** Whether it took too long, as against an error told by the network. */
  readonly timedOut: boolean;

  constructor(message: string, options: ErrorOptions & { readonly timedOut: boolean }) {
    super(message, options);
    this.name = "ConnectError";
    this.timedOut = options.timedOut;
  }
}

/** Given as `opaque` of a request: told when there is a connection, and the request goes out. */
export class SendWatch {
  readonly onSent: () => void;

  constructor(onSent: () => void) {
    this.onSent = onSent;
  }
}

/** An agent that heeds `SendWatch`. */
class WatchingAgent extends Agent {
  override dispatch(options: Agent.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
    const watch = "opaque" in options ? options.opaque : null;
    if (watch instanceof SendWatch) {
      const { onConnect } = handler;
      handler.onConnect = (...args) => {
        watch.onSent();
        onConnect?.apply(handler, args);
      };
    }
    return super.dispatch(options, handler);
  }
}

/**
 * An undici agent whose connection errors, and only those, are `ConnectError`: the connector is
 * where undici's own phases part, so no list of codes has to be complete. `connectMs` covers name
 * lookup, TCP and TLS; undici's own timer is up to a second late, and then frees the socket.
 */
export function createHttpAgent(options: { connectMs: number; lookup: Lookup }): Agent {
  const connect = buildConnector({ timeout: options.connectMs, lookup: options.lookup });
  return new WatchingAgent({
    connect: (target, callback) => {
      let isLate = false;
      const timer = setTimeout(() => {
        isLate = true;
        callback(new ConnectError("timeout", { timedOut: true }), null);
      }, options.connectMs);
      connect(target, (error, socket) => {
        clearTimeout(timer);
        if (isLate) socket?.destroy();
        else if (error === null) callback(null, socket);
        else callback(connectError(error), null);
      });
    },
    // A call has one deadline of its own, from the first byte sent to the last one read.
    headersTimeout: 0,
    bodyTimeout: 0,
  });
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
