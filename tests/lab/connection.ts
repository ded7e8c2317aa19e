import { Buffer } from "node:buffer";
import type { Socket } from "node:net";

/** An HTTP request as it came over the wire. */
export interface WireRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Headers;
  readonly body: string;
  /** How many requests came before it on the same connection. */
  readonly before: number;
}

/** One TCP connection to the laboratory, with every byte in our hand. */
export class LabConnection {
  /** Resolves when the connection is closed, by whichever side. */
  readonly closed: Promise<void>;
  readonly #socket: Socket;
  #received = Buffer.alloc(0);
  #arrival = Promise.withResolvers<void>();
  #ended = false;
  #requests = 0;

  constructor(socket: Socket) {
    this.#socket = socket;
    this.closed = new Promise((resolve) => socket.once("close", () => resolve()));
    // The other side may break a connection as it likes.
    socket.on("error", () => {});
    socket.on("data", (bytes: Buffer) => {
      this.#received = Buffer.concat([this.#received, bytes]);
      this.#arrival.resolve();
    });
    for (const event of ["end", "close"]) {
      socket.on(event, () => {
        this.#ended = true;
        this.#arrival.resolve();
      });
    }
  }

  get isClosed(): boolean {
    return this.#ended || this.#socket.destroyed;
  }

  /** The next request, when it has wholly come; null at the end of the connection. */
  async read(): Promise<WireRequest | null> {
    for (;;) {
      const request = this.#take();
      if (request !== null) return request;
      if (this.#ended) return null;
      await this.#arrival.promise;
      this.#arrival = Promise.withResolvers();
    }
  }

  /** Sends bytes, no faster than they are read. */
  async send(bytes: string | Uint8Array): Promise<void> {
    if (this.isClosed) return;
    if (this.#socket.write(bytes)) return;
    const drained = new Promise((resolve) => this.#socket.once("drain", resolve));
    await Promise.race([drained, this.closed]);
  }

  /** Closes it as a program does that has nothing more to say. */
  finish(): void {
    this.#socket.end();
  }

  /** Breaks it with a TCP reset. */
  reset(): void {
    this.#socket.resetAndDestroy();
  }

  /** Closes it at once, whatever is under way. */
  destroy(): void {
    this.#socket.destroy();
  }

  #take(): WireRequest | null {
    const end = this.#received.indexOf("\r\n\r\n");
    if (end < 0) return null;
    const [start = "", ...lines] = this.#received.toString("latin1", 0, end).split("\r\n");
    const headers = new Headers(lines.map((line): [string, string] => {
      const colon = line.indexOf(":");
      return [line.slice(0, colon), line.slice(colon + 1).trim()];
    }));
    const bodyEnd = end + 4 + Number(headers.get("content-length") ?? 0);
    if (this.#received.length < bodyEnd) return null;
    const body = this.#received.toString("utf8", end + 4, bodyEnd);
    this.#received = this.#received.subarray(bodyEnd);
    const [method = "", path = ""] = start.split(" ");
    return { method, path, headers, body, before: this.#requests++ };
  }
}
