import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";
import { isJsonObject, type JsonObject } from "../../lib/mcp/message.ts";
import { within } from "../../lib/base/time/within.ts";
import { freePort } from "../free_port.ts";
import { LabConnection, type WireRequest } from "./connection.ts";
import { type LabDialect, modernDialect, resultText, type RpcRequest } from "./dialect.ts";
import { Executions } from "./executions.ts";
import type { Fault } from "./faults/fault.ts";
import { httpText } from "./http_text.ts";
import { listenAgain } from "./listen_again.ts";

/** Which fault strikes a request; null: none. */
export type Behaviour = (request: RpcRequest) => Fault | null;

/** Options of `startBackend()`. */
export interface LabBackendOptions {
  /** Creates the backend's dialect at each start; default: modern. */
  readonly dialect?: () => LabDialect;
  readonly behaviour?: Behaviour;
  /** Result of every tool; default: a text. */
  readonly result?: JsonObject;
  /** What `tools/list` answers; default: no tools. */
  readonly tools?: (params: JsonObject) => JsonObject;
  /** Whether connections stay open after an answer; default: yes. */
  readonly keepAlive?: boolean;
  readonly executions?: Executions;
}

/** A backend on 127.0.0.1 that behaves as its options say. */
export interface LabBackend extends AsyncDisposable {
  readonly url: string;
  readonly executions: Executions;
  /** All messages that came, in order. */
  readonly requests: readonly RpcRequest[];
  /** Connections that are open now. */
  readonly connections: number;
  /** Stops, closes all connections, forgets all sessions; the port then refuses. */
  readonly stop: () => Promise<void>;
  /** Starts again, on the same port. */
  readonly start: (dialect?: () => LabDialect) => Promise<void>;
}

const RESULT: JsonObject = { content: [{ type: "text", text: "from the backend" }] };

/** Starts a backend. */
export async function startBackend(options: LabBackendOptions = {}): Promise<LabBackend> {
  const backend = new Backend(options);
  await backend.start();
  return backend;
}

class Backend implements LabBackend {
  readonly executions: Executions;
  readonly requests: RpcRequest[] = [];
  readonly #options: LabBackendOptions;
  readonly #open = new Map<LabConnection, Promise<void>>();
  #dialect = modernDialect();
  #server: Server | null = null;
  /** One that it can have again after `stop()`. */
  readonly #port = freePort();

  constructor(options: LabBackendOptions) {
    this.#options = options;
    this.executions = options.executions ?? new Executions();
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}/mcp`;
  }

  get connections(): number {
    return this.#open.size;
  }

  async start(dialect = this.#options.dialect ?? modernDialect): Promise<void> {
    this.#dialect = dialect();
    const server = createServer((socket) => this.#accept(socket));
    this.#server = server;
    await listenAgain(server, this.#port);
  }

  async stop(): Promise<void> {
    const server = this.#server;
    if (server === null) return;
    this.#server = null;
    const closed = once(server, "close");
    server.close();
    for (const connection of this.#open.keys()) connection.destroy();
    await Promise.all(this.#open.values());
    // Deno 2.6 never emits it once a client has left.
    await within(closed, 50);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  #accept(socket: Socket): void {
    const connection = new LabConnection(socket);
    const served = this.#serve(connection).finally(() => this.#open.delete(connection));
    this.#open.set(connection, served);
  }

  async #serve(connection: LabConnection): Promise<void> {
    for (;;) {
      const wire = await connection.read();
      if (wire === null) break;
      if (wire.method === "POST") await this.#answer(connection, parseRpc(wire));
      else await connection.send(httpText({ status: 405, headers: this.#headers, body: "" }));
      if (this.#options.keepAlive === false) connection.finish();
    }
    connection.destroy();
    await connection.closed;
  }

  async #answer(connection: LabConnection, request: RpcRequest): Promise<void> {
    this.requests.push(request);
    const fault = this.#options.behaviour?.(request) ?? null;
    const refusal = this.#dialect.answer(request);
    const isCall = request.method === "tools/call" && refusal === null;
    if (isCall && (fault === null || fault.runs)) {
      this.executions.record(String(request.params.name), JSON.stringify(request.params.arguments));
    }
    const right = refusal ?? { body: resultText(request, this.#resultOf(request)) };
    if (fault !== null) return await fault.strike({ connection, request, right });
    const headers = { ...right.headers, ...this.#headers };
    await connection.send(httpText({ ...right, headers }));
  }

  get #headers(): Readonly<Record<string, string>> {
    return this.#options.keepAlive === false ? { connection: "close" } : {};
  }

  #resultOf({ method, params }: RpcRequest): JsonObject {
    if (method !== "tools/list") return this.#options.result ?? RESULT;
    return this.#options.tools?.(params) ?? { tools: [] };
  }
}

function parseRpc(wire: WireRequest): RpcRequest {
  const message: unknown = JSON.parse(wire.body);
  if (!isJsonObject(message)) throw new TypeError(`Not a JSON-RPC message: ${wire.body}`);
  const params = isJsonObject(message.params) ? message.params : {};
  return { wire, id: message.id, method: String(message.method), params };
}
