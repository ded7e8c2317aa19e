import type { Fault } from "./fault.ts";
import { httpHead, httpText } from "../http_text.ts";

const SLOW_MS = 50;
const TRICKLE_MS = 10;

/** Does as it should, late. */
export const slow: Fault = {
  name: "slow answer",
  runs: true,
  strike: async ({ connection, right }) => {
    await pause(SLOW_MS);
    await connection.send(httpText(right));
  },
};

/** Reads, and never says anything. */
export const silent: Fault = {
  name: "silent",
  runs: true,
  strike: ({ connection }) => connection.closed,
};

/** Reads, and breaks the connection. */
export const reset: Fault = {
  name: "reset after the request",
  runs: true,
  strike: ({ connection }) => {
    connection.reset();
    return connection.closed;
  },
};

/** Reads, and closes the connection in good order. */
export const close: Fault = {
  name: "close after the request",
  runs: true,
  strike: ({ connection }) => {
    connection.finish();
    return connection.closed;
  },
};

/** Announces more bytes than it sends, and closes. */
export const truncated: Fault = {
  name: "truncated JSON",
  runs: true,
  strike: async ({ connection, right: { body = "" } }) => {
    const headers = { "content-length": String(body.length + 100) };
    await connection.send(httpText({ headers, body }));
    connection.finish();
  },
};

/** Sends its answer byte by byte, and never the end of it. */
export const trickle: Fault = {
  name: "trickling body",
  runs: true,
  strike: async ({ connection }) => {
    await connection.send(httpHead({}));
    while (!connection.isClosed) {
      await connection.send(" ");
      await pause(TRICKLE_MS);
    }
  },
};

/** Sends an answer that never ends, as fast as it is read. */
export const endlessBody: Fault = {
  name: "endless body",
  runs: true,
  strike: async ({ connection }) => {
    const part = " ".repeat(256 * 1024);
    await connection.send(httpHead({}));
    while (!connection.isClosed) await connection.send(part);
  },
};

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
