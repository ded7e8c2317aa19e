import { Agent, buildConnector } from "undici";
import type { Lookup } from "./resolver.ts";

/** A connection that was never made: nothing was sent, whatever the cause. */
export class ConnectError extends Error {
  /** Whether it took too long, as against an error told by the network. */
  readonly timedOut: boolean;

  constructor(cause: Error) {
    super(describe(cause), { cause });
    this.name = "ConnectError";
    this.timedOut = codeOf(cause) === "UND_ERR_CONNECT_TIMEOUT";
  }
}

/**
 * An undici agent whose connection errors, and only those, are `ConnectError`: the connector is
 * where undici's own phases part, so no list of codes has to be complete. `connectMs` covers name
 * lookup, TCP and TLS.
 */
export function createHttpAgent(options: { connectMs: number; lookup: Lookup }): Agent {
  const connect = buildConnector({ timeout: options.connectMs, lookup: options.lookup });
  return new Agent({
    connect: (target, callback) => {
      connect(target, (error, socket) => {
        if (error === null) callback(null, socket);
        else callback(new ConnectError(error), null);
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
  UND_ERR_CONNECT_TIMEOUT: "timeout",
  ETIMEDOUT: "timeout",
  ENOTFOUND: "host or service not provided, or not known",
  EAI_AGAIN: "temporary failure in name resolution",
  EHOSTUNREACH: "No route to host",
  ENETUNREACH: "Network is unreachable",
  ECONNRESET: "closed",
};

function describe(error: Error): string {
  const code = codeOf(error);
  return MESSAGES[code] ?? (error.message || code);
}

function codeOf(error: Error): string {
  if (error instanceof AggregateError && error.errors[0] instanceof Error) {
    return codeOf(error.errors[0]);
  }
  return "code" in error && typeof error.code === "string" ? error.code : "";
}
