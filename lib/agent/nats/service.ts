import type { Logger } from "../../base/log.ts";
import type { Clock } from "../../base/time/clock.ts";
import { rest } from "../../base/time/rest.ts";
import { createBudget } from "../../calls/budget.ts";
import type { McpServer } from "../../mcp/server.ts";
import type { NatsConnection, NatsMessage } from "../../nats/connection.ts";
import { pieceBytes, readRequest, type Request, writeFrame } from "../../nats/frames.ts";
import { AGENT_QUEUE, agentSubject, hostNoticeSubject, hostSubject } from "../../nats/subjects.ts";
import { Exchange, type ExchangeOptions, PRINCIPAL, type SendReply } from "./exchange.ts";

/** Messages of hubs that are served at once; the server has its own bound on calls. */
const MAX_EXCHANGES = 1_024;
/** Bytes of the messages that are being served. */
const MAX_RECEIVED_BYTES = 128 * 1024 * 1024;
/** Longest time that a reply is held. */
const MAX_HOLD_MS = 10_000;
/** Between two checks whether all answers have been fetched. */
const CLOSING_MS = 20;

/** Options of `serveNats()`. */
export interface NatsServiceOptions {
  readonly connection: NatsConnection;
  readonly server: McpServer;
  /** The host's name. */
  readonly name: string;
  /** Of this process. */
  readonly agent: string;
  readonly clock: Clock;
  readonly log: Pick<Logger, "error">;
}

/** An agent's service over NATS. */
export interface NatsService {
  /** Takes no further messages; those that came before are served. */
  readonly drain: () => Promise<void>;
  /** Resolves when all answers have been fetched, or when nobody may wait any more. */
  readonly close: (signal: AbortSignal) => Promise<void>;
}

/** Serves MCP to the hubs on NATS, beside all other agents of this host. */
export function serveNats(options: NatsServiceOptions): NatsService {
  const { connection, name, agent, clock } = options;
  const exchanges = new Exchanges(options);
  const answer = ({ data, reply }: NatsMessage): void => {
    const request = readRequest(data);
    if (request === null) return;
    exchanges.serve(request, (frame) => {
      if (reply !== null) connection.publish(reply, writeFrame(frame));
    });
  };
  // Replies that were due are lost, and no hub asks for them again.
  const unwatch = connection.watch((isUp) => isUp || exchanges.endAll());
  const shared = connection.subscribe({
    subject: hostSubject(name),
    queue: AGENT_QUEUE,
    onMessage: answer,
  });
  const own = [hostNoticeSubject(name), agentSubject(name, agent)].map((subject) =>
    connection.subscribe({ subject, onMessage: answer })
  );
  return {
    drain: shared.drain,
    close: async (signal) => {
      while (exchanges.count > 0 && !signal.aborted && connection.isUp()) {
        await rest(CLOSING_MS, { clock, signal });
      }
      unwatch();
      exchanges.endAll();
      for (const subscription of own) subscription.end();
    },
  };
}

/** The exchanges that are not over, by the hubs' names for them. */
class Exchanges {
  readonly #options: NatsServiceOptions;
  readonly #exchangeOptions: ExchangeOptions;
  readonly #received = createBudget(() => MAX_RECEIVED_BYTES);
  readonly #byCall = new Map<string, Exchange>();

  constructor(options: NatsServiceOptions) {
    const { connection, server, agent, clock, log } = this.#options = options;
    this.#exchangeOptions = {
      server,
      agent,
      clock,
      pieceBytes: () => pieceBytes(connection.maxPayload()),
      onBug: (error) => log.error("request failed", { error }),
    };
  }

  get count(): number {
    return this.#byCall.size;
  }

  serve(request: Request, send: SendReply): void {
    const known = this.#byCall.get(request.call);
    switch (request.op) {
      case "call":
        return known
          ? known.wait(hold(request), send)
          : this.#begin(request, request.body.length, send)
            ?.serve(request.body, hold(request), send);
      case "open":
        return known
          ? this.#sendGone(send)
          : this.#begin(request, request.bytes, send)?.open(request.bytes, send);
      case "put":
        return known
          ? known.put({ ...request, holdMs: hold(request) }, send)
          : this.#sendGone(send);
      case "wait":
        return known ? known.wait(hold(request), send) : this.#sendGone(send);
      case "get":
        return known ? known.get(request.at, send) : this.#sendGone(send);
      case "notify":
        return known?.notify(request.body);
      case "drop":
        return known?.end();
    }
  }

  endAll(): void {
    for (const exchange of [...this.#byCall.values()]) exchange.end();
  }

  /** Null: it was refused. */
  #begin({ call }: Request, bytes: number, send: SendReply): Exchange | null {
    const { server, agent } = this.#options;
    const lease = this.#received.lease({ name: PRINCIPAL, isOperator: true });
    const most = server.maxMessageBytes(PRINCIPAL);
    const reason = bytes > most
      ? `the message is too large: at most ${most} bytes are accepted`
      : this.#byCall.size >= MAX_EXCHANGES || !lease.take(bytes)
      ? "too many messages are being served: try again later"
      : null;
    if (reason !== null) {
      send({ state: "refused", agent, reason });
      return null;
    }
    const onEnd = () => this.#byCall.delete(call);
    const exchange = new Exchange(this.#exchangeOptions, { call, lease, onEnd });
    this.#byCall.set(call, exchange);
    return exchange;
  }

  #sendGone(send: SendReply): void {
    send({ state: "gone", agent: this.#options.agent });
  }
}

/** How long a reply is held, in milliseconds: no longer than its agent allows. */
function hold({ holdMs }: { readonly holdMs: number }): number {
  return Math.min(holdMs, MAX_HOLD_MS);
}
