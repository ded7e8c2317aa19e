import type { Clock } from "../../base/time/clock.ts";
import type { Implementation } from "../../mcp/era.ts";
import { INVALID_REQUEST, UNSUPPORTED_VERSION } from "../../mcp/message.ts";
import type { Host } from "../host.ts";
import type { WireFailure } from "../outcome.ts";
import type { Dialect } from "./dialect.ts";
import { hideToken } from "./hidden.ts";
import { isDialect, isSameDialect, Negotiation } from "./negotiation.ts";
import { type BackendRequest, Requester } from "./requester.ts";
import { failed, type Wire, type WireResult } from "./wire.ts";

/** What a `Conversation` needs from outside. */
export interface ConversationOptions {
  readonly wire: Wire;
  /** What the hub calls itself. */
  readonly client: Implementation;
  readonly clock: Clock;
}

/** The conversation with one host's backend, over whatever wire leads there. */
export class Conversation {
  readonly #host: Host;
  readonly #requester: Requester;
  readonly #negotiation: Negotiation;

  constructor(host: Host, { wire, client, clock }: ConversationOptions) {
    this.#host = host;
    this.#requester = new Requester(wire, client);
    this.#negotiation = new Negotiation({
      requester: this.#requester,
      timeouts: host.timeouts,
      client,
      clock,
      disconnects: wire.disconnects,
    });
  }

  /** Sends a request that may change something: once, whatever comes back. Never rejects. */
  async sendOnce(request: BackendRequest): Promise<WireResult> {
    const dialect = await this.#negotiation.checkedDialect(request.signal);
    if (!isDialect(dialect)) return this.#failed({ kind: "handshake", failure: dialect });
    return await this.#sendIn(dialect, request);
  }

  /**
   * Sends a request that only reads. One that is refused as if it wanted a session, or another
   * protocol version, is sent again if a handshake brings another. Never rejects.
   */
  async sendRead(request: BackendRequest): Promise<WireResult> {
    const dialect = await this.#negotiation.dialect(request.signal);
    if (!isDialect(dialect)) return this.#failed({ kind: "handshake", failure: dialect });
    const first = await this.#sendIn(dialect, request);
    if (first.kind === "answer" || !wantsHandshake(first.failure, request.method)) return first;
    this.#negotiation.forget();
    const renewed = await this.#negotiation.dialect(request.signal);
    if (!isDialect(renewed) || isSameDialect(dialect, renewed)) return first;
    return await this.#sendIn(renewed, request);
  }

  async #sendIn(dialect: Dialect, request: BackendRequest): Promise<WireResult> {
    const result = await this.#requester.request(dialect, request);
    if (result.kind === "answer") {
      this.#negotiation.heard();
      return result;
    }
    const { failure } = result;
    if (failure.kind === "connect" || wantsHandshake(failure, request.method)) {
      this.#negotiation.forget();
    }
    return this.#failed(failure);
  }

  #failed(failure: WireFailure): WireResult & { kind: "failed" } {
    return failed(hideToken(failure, this.#host.token));
  }
}

/**
 * Whether a new handshake may get around a failure. There is no agreed way to ask for one, so that any
 * refusal of the harmless `tools/list` counts.
 */
function wantsHandshake(failure: WireFailure, method: string): boolean {
  switch (failure.kind) {
    case "status":
      return method === "tools/list" || failure.status === 400 || failure.status === 404;
    case "rpc":
      return method === "tools/list" || failure.code === INVALID_REQUEST ||
        failure.code === UNSUPPORTED_VERSION;
    default:
      return false;
  }
}
