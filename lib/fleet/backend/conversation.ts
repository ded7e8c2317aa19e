import type { Clock } from "../../base/time/clock.ts";
import type { Implementation } from "../../mcp/era.ts";
import { INVALID_REQUEST, UNSUPPORTED_VERSION } from "../../mcp/message.ts";
import { type ClaimFolder, SETTLE_METHOD, type SettleRequest } from "../../work/claims/protocol.ts";
import { MAX_RESULT_BYTES } from "../../work/claims/result.ts";
import type { Host } from "../host.ts";
import type { WireFailure } from "../outcome.ts";
import type { Dialect } from "./dialect.ts";
import { hideToken } from "./hidden.ts";
import { type BackendIdentity, isDialect, isSameDialect, Negotiation } from "./negotiation.ts";
import { type BackendRequest, Requester } from "./requester.ts";
import { failed, type Wire, type WireResult } from "./wire.ts";

/** Longest answer to what became of a claim, with what stands around the answer that was kept. */
const MAX_SETTLED_BYTES = MAX_RESULT_BYTES + 64 * 1024;

/** After such a wait, a connection may have been closed, or a session lost. */
const LONG_WAIT_MS = 1_000;

/** What came of a request that was sent once. */
export interface SentOnce {
  readonly result: WireResult;
  /** Where the backend claimed it, if it came there; null: it did not have to. */
  readonly claims: ClaimFolder | null;
}

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
  readonly #clock: Clock;

  constructor(host: Host, { wire, client, clock }: ConversationOptions) {
    this.#host = host;
    this.#clock = clock;
    this.#requester = new Requester(wire, client);
    this.#negotiation = new Negotiation({
      requester: this.#requester,
      timeouts: host.timeouts,
      client,
      clock,
      disconnects: wire.disconnects,
    });
  }

  /**
   * Sends a request that may change something: once, whatever comes back. One with a key is not sent
   * to a backend that would run it again. Never rejects.
   */
  async sendOnce(request: BackendRequest): Promise<SentOnce> {
    const dialect = await this.#learn(request);
    const ready = request.admit === undefined || !isDialect(dialect)
      ? dialect
      : await this.#awaitAdmission(dialect, request, request.admit);
    if (!isDialect(ready)) {
      return { result: this.#failed({ kind: "handshake", failure: ready }), claims: null };
    }
    const claims = request.claim ? ready.claims : null;
    return { result: await this.#sendIn(ready, request), claims };
  }

  /** The dialect of a request that is to be sent once; or why it cannot be sent. */
  #learn(request: BackendRequest): Dialect | WireFailure | Promise<Dialect | WireFailure> {
    const dialect = this.#negotiation.checkedDialect(request.signal);
    return dialect instanceof Promise
      ? dialect.then((learnt) => withKey(learnt, request))
      : withKey(dialect, request);
  }

  /** What was known before a long wait is learnt again. */
  async #awaitAdmission(
    dialect: Dialect,
    request: BackendRequest,
    admit: () => Promise<boolean>,
  ): Promise<Dialect | WireFailure> {
    const since = this.#clock.now();
    if (!await admit()) return { kind: "cancelled" };
    const waitedMs = this.#clock.now() - since;
    return waitedMs < LONG_WAIT_MS ? dialect : await this.#learn(request);
  }

  /** Where the backend keeps its claims, or did so last; null: it keeps none, undefined: not known. */
  get claims(): ClaimFolder | null | undefined {
    return this.#negotiation.claims;
  }

  /** What the backend has said of itself last; null: nothing. */
  get identity(): BackendIdentity | null {
    return this.#negotiation.identity;
  }

  /** Asks what became of a claim. Null: the backend never said that it keeps any. Never rejects. */
  async settle(
    { id, folder, boot, ageSeconds, waitMs }: Omit<SettleRequest, "cancel">,
    bounds: Pick<BackendRequest, "deadlineMs" | "signal">,
  ): Promise<WireResult | null> {
    const dialect = this.#negotiation.claiming;
    if (dialect === null) return null;
    const result = await this.#requester.request(dialect, {
      ...bounds,
      method: SETTLE_METHOD,
      params: { id, folder, boot, ageSeconds, waitMs },
      maxBytes: MAX_SETTLED_BYTES,
      traceparent: null,
      onProgress: null,
      isFresh: true,
    });
    return result.kind === "answer" ? result : this.#failed(result.failure);
  }

  /** Has a call that nobody waits for ended, or never begun. */
  endClaimed(id: string): void {
    const dialect = this.#negotiation.claiming;
    if (dialect !== null) this.#requester.endClaimed(dialect, id);
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

const NO_CLAIMS: WireFailure = {
  kind: "unreadable",
  message: "its backend does not know calls by their key, and might run this one again",
};

/** The dialect, unless a call with a key cannot be sent in it. */
function withKey(
  dialect: Dialect | WireFailure,
  { claim }: BackendRequest,
): Dialect | WireFailure {
  const hasKey = typeof claim?.digest === "string";
  return hasKey && isDialect(dialect) && dialect.claims === null ? NO_CLAIMS : dialect;
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
