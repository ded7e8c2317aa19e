/** An HTTP answer. */
export interface HttpAnswer {
  readonly status: number;
  readonly body: Uint8Array;
}

interface Head {
  readonly status: number;
  /** The offset of the body. */
  readonly end: number;
  readonly bodyLength: number;
  readonly isLast: boolean;
}

const BUFFER_BYTES = 256 * 1024;

/**
 * A client's connection to a port of 127.0.0.1, opened when needed. It does as little as possible,
 * so that the server is what is measured. Answers must have a Content-Length.
 */
export class HttpConnection implements Disposable {
  readonly #port: number;
  readonly #buffer = new Uint8Array(BUFFER_BYTES);
  #connection: Deno.TcpConn | null = null;

  constructor(port: number) {
    this.#port = port;
  }

  /** Sends a whole request and reads its answer. Rejects when the connection breaks. */
  async send(request: Uint8Array): Promise<HttpAnswer> {
    this.#connection ??= await Deno.connect({ hostname: "127.0.0.1", port: this.#port });
    const connection = this.#connection;
    for (let sent = 0; sent < request.length;) {
      sent += await connection.write(request.subarray(sent));
    }
    return await this.#receive(connection);
  }

  [Symbol.dispose](): void {
    this.#connection?.close();
    this.#connection = null;
  }

  async #receive(connection: Deno.TcpConn): Promise<HttpAnswer> {
    let received = new Uint8Array();
    let length = 0;
    let head: Head | null = null;
    while (head === null || length < head.end + head.bodyLength) {
      const count = await connection.read(this.#buffer);
      if (count === null) throw new Error("The connection was closed before the answer");
      received = append(received, length, this.#buffer.subarray(0, count));
      length += count;
      head ??= parseHead(received.subarray(0, length));
      if (head !== null) received = reserve(received, head.end + head.bodyLength);
    }
    if (head.isLast) this[Symbol.dispose]();
    return { status: head.status, body: received.subarray(head.end, head.end + head.bodyLength) };
  }
}

function append(
  bytes: Uint8Array<ArrayBuffer>,
  length: number,
  more: Uint8Array,
): Uint8Array<ArrayBuffer> {
  const grown = reserve(bytes, length + more.length);
  grown.set(more, length);
  return grown;
}

function reserve(bytes: Uint8Array<ArrayBuffer>, length: number): Uint8Array<ArrayBuffer> {
  if (bytes.length >= length) return bytes;
  const larger = new Uint8Array(length);
  larger.set(bytes);
  return larger;
}

function parseHead(bytes: Uint8Array): Head | null {
  const text = new TextDecoder().decode(bytes.subarray(0, 4096));
  const end = text.indexOf("\r\n\r\n");
  if (end < 0) return null;
  const head = text.slice(0, end);
  const status = Number(/^HTTP\/1\.[01] (\d{3})/.exec(head)?.[1]);
  const bodyLength = Number(/\r\ncontent-length: *(\d+)/i.exec(head)?.[1]);
  if (Number.isNaN(status) || Number.isNaN(bodyLength)) {
    throw new Error(`Cannot read an answer: ${head}`);
  }
  return { status, end: end + 4, bodyLength, isLast: /\r\nconnection: *close/i.test(head) };
}
