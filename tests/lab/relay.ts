import { once } from "node:events";
import { createServer, type Socket } from "node:net";
import { isJsonObject, type JsonObject } from "../../lib/mcp/message.ts";
import { freePort } from "../free_port.ts";
import { LabConnection, type WireRequest } from "./connection.ts";
import { type HttpText, httpText } from "./http_text.ts";
import { listenAgain } from "./listen_again.ts";

/** What a relay does with a request. */
export type Strike =
  | "pass"
  /** It does not arrive, and its connection breaks. */
  | "lose request"
  /** It arrives, and the answer is lost on its way back. */
  | "lose answer"
  /** It arrives, and then the network is cut: all connections break, and none is accepted. */
  | "cut";

/** What is between a hub and a backend, and can break. */
export interface Relay extends AsyncDisposable {
  readonly url: string;
  /** The requests that came, in order. */
  readonly requests: readonly JsonObject[];
  /** Connections that are open. */
  readonly connections: number;
  /** Breaks all connections and refuses new ones, or accepts them again. */
  readonly setCut: (isCut: boolean) => Promise<void>;
  /** Sends a request that was lost on to the backend, late; resolves with its answer. */
  readonly deliverLate: (index: number) => Promise<unknown>;
}

/** Options of `startRelay()`. */
export interface RelayOptions {
  readonly target: string;
  /** Default: everything passes. */
  readonly strike?: (request: JsonObject) => Strike;
}

/** Starts a relay before a backend's URL. */
export async function startRelay({ target, strike = () => "pass" }: RelayOptions): Promise<Relay> {
  const open = new Set<LabConnection>();
  const [wires, requests]: [WireRequest[], JsonObject[]] = [[], []];
  const upstream = new Set<AbortController>();
  /** Nobody else gets it while the relay is cut. */
  const port = freePort();

  async function setCut(isCut: boolean): Promise<void> {
    if (!isCut) return await listen();
    const closed = server.listening ? once(server, "close") : null;
    server.close();
    for (const connection of open) connection.reset();
    for (const controller of upstream) controller.abort();
    await closed;
    // The hub has seen it by then: what has come during a stall, in the second wait at the latest.
    for (let waits = 0; waits < 2; waits++) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  async function listen(): Promise<void> {
    if (server.listening) return;
    await listenAgain(server, port);
  }

  async function forward(wire: WireRequest): Promise<HttpText & { body: string }> {
    const controller = new AbortController();
    upstream.add(controller);
    try {
      const headers = new Headers(wire.headers);
      for (const name of ["host", "connection", "content-length"]) headers.delete(name);
      const { method, body } = wire;
      const init = { method, headers, body: body || null, signal: controller.signal };
      const response = await fetch(new URL(wire.path, target), init);
      const type = response.headers.get("content-type") ?? "";
      const answer = { status: response.status, headers: { "content-type": type } };
      return { ...answer, body: await response.text() };
    } finally {
      upstream.delete(controller);
    }
  }

  async function serve(connection: LabConnection): Promise<void> {
    for (;;) {
      const wire = await connection.read();
      if (wire === null) break;
      const request = parse(wire);
      if (wire.method === "POST") {
        wires.push(wire);
        requests.push(request);
      }
      const struck = strike(request);
      if (struck === "lose request") break;
      const answer = forward(wire).catch(() => null);
      // The cut comes when the request has arrived.
      if (struck === "cut") setTimeout(() => void setCut(true).catch(() => {}), 100);
      const answered = await answer;
      if (answered === null || struck === "lose answer") break;
      await connection.send(httpText(answered));
    }
    connection.reset();
    await connection.closed;
  }

  const server = createServer((socket: Socket) => {
    const connection = new LabConnection(socket);
    open.add(connection);
    serve(connection).finally(() => open.delete(connection));
  });
  await listen();
  return {
    url: `http://127.0.0.1:${port}/mcp`,
    requests,
    get connections() {
      return open.size;
    },
    setCut,
    deliverLate: async (index) => {
      const wire = wires.at(index);
      if (wire === undefined) return null;
      const { body } = await forward(wire);
      return JSON.parse(body.slice(body.indexOf("{", body.lastIndexOf("data: ") + 1)));
    },
    [Symbol.asyncDispose]: () => setCut(true),
  };
}

function parse({ body }: WireRequest): JsonObject {
  const message: unknown = body === "" ? null : JSON.parse(body);
  return isJsonObject(message) ? message : {};
}
