import { createConnection, type Socket } from "node:net";
import { ConnectError, type Connector } from "./connect.ts";

/** Longest answer that is read to its end. */
const MAX_ANSWER = 16 * 1024;

/** What leads to a socket that accepts connections whether or not anything listens behind it. */
export interface ThroughOptions {
  /** The socket's path. */
  readonly path: string;
  /** The port behind it, on the host's loopback address. */
  readonly port: number;
  /** Called when nothing listens on the socket any more. */
  readonly onGone: () => void;
}

/**
 * Makes a `Connector` through a forwarded port. ssh accepts each connection, and closes it when the
 * host's end was refused, so that a connection counts as made when something has answered over it:
 * else what is lost with it might have run.
 */
export function createThroughConnector({ path, port, onGone }: ThroughOptions): Connector {
  return function connectThrough(_target, callback) {
    let current: Socket | null = null;

    function connect(): Promise<Socket> {
      const socket = createConnection({ path });
      current = socket;
      return new Promise((resolve, reject) => {
        socket.once("connect", () => resolve(socket));
        socket.on("error", (cause) => {
          if (isGone(cause)) onGone();
          reject(new ConnectError("the ssh connection has ended", { cause, timedOut: false }));
        });
      });
    }

    async function connectAndAsk(): Promise<Socket> {
      const socket = await connect();
      if (await askOver(socket, port)) return socket;
      socket.destroy();
      // Whoever answers and then closes the connection, or says more than is read, is there.
      return await connect();
    }

    connectAndAsk().then((socket) => callback(null, socket), (error) => callback(error, null));
    return () => current?.destroy();
  };
}

function isGone(error: Error): boolean {
  return "code" in error && (error.code === "ECONNREFUSED" || error.code === "ENOENT");
}

/**
 * Waits for an answer to a harmless question, which needs no token. Resolves with whether the
 * connection can be used further; rejects if it was closed without an answer.
 */
function askOver(socket: Socket, port: number): Promise<boolean> {
  const { promise, resolve, reject } = Promise.withResolvers<boolean>();
  let answer = "";
  const onReadable = () => {
    for (let chunk: unknown = socket.read(); chunk instanceof Uint8Array; chunk = socket.read()) {
      answer += latin1.decode(chunk);
    }
    const state = stateOf(answer);
    if (state !== "unfinished") resolve(state === "whole" && socket.readyState === "open");
  };
  const onClose = () => answer === "" ? reject(nobody(port)) : resolve(false);
  socket.on("readable", onReadable);
  for (const event of CLOSED) socket.on(event, onClose);
  socket.write(`OPTIONS /.well-known/lmcp HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\n\r\n`);
  return promise.finally(() => {
    socket.off("readable", onReadable);
    for (const event of CLOSED) socket.off(event, onClose);
  });
}

const latin1 = new TextDecoder("latin1");
const CLOSED = ["end", "close", "error"] as const;

function nobody(port: number): ConnectError {
  return new ConnectError(
    `nothing answers at 127.0.0.1:${port} behind ssh: its agent is down, ` +
      "or its sshd does not forward (AllowTcpForwarding)",
    { timedOut: false },
  );
}

/**
 * How far an answer has come: to its very end, or so that more may follow of which no end is known
 * beforehand, or the connection is not kept.
 */
function stateOf(answer: string): "unfinished" | "whole" | "other" {
  const end = answer.indexOf("\r\n\r\n");
  if (answer.length > MAX_ANSWER || !isHttp(answer)) return "other";
  if (end < 0) return "unfinished";
  const head = answer.slice(0, end);
  const status = Number(head.slice(HTTP.length, HTTP.length + 3));
  if (/^(transfer-encoding:|connection:(?! *keep-alive))/im.test(head)) {
    return "other";
  }
  const [, length = status === 204 ? "0" : ""] = /^content-length: *(\d+)/im.exec(head) ?? [];
  if (length === "") return "other";
  const leftBytes = Number(length) - (answer.length - end - 4);
  return leftBytes === 0 ? "whole" : leftBytes > 0 ? "unfinished" : "other";
}

const HTTP = "HTTP/1.1 ";

function isHttp(answer: string): boolean {
  return HTTP.startsWith(answer.slice(0, HTTP.length));
}
