import type { Dispatcher } from "undici";
import type { Clock } from "../../base/clock.ts";
import { type Implementation, MODERN_VERSION } from "../../mcp/era.ts";
import {
  INVALID_REQUEST,
  type JsonObject,
  type RequestId,
  UNSUPPORTED_VERSION,
  writeNotification,
  writeRequest,
} from "../../mcp/message.ts";
import { within } from "../../base/within.ts";
import type { Host } from "../host.ts";
import {
  type Dialect,
  dress,
  initializeParams,
  type LegacySession,
  MODERN,
  PLAIN_LEGACY,
} from "./dialect.ts";
import { exchange, type ExchangeBounds, type ExchangeResult } from "./exchange.ts";
import { hideToken } from "./hidden.ts";
import type { LmcpFailure } from "../outcome.ts";

/** Longest answer to `server/discover` and `initialize`. */
const MAX_HANDSHAKE_BYTES = 1024 * 1024;
/** Time for a `notifications/cancelled`; nobody waits for it. */
const CANCEL_MS = 2_000;
/** How long a backend is taken for legacy before it is asked again: it may be upgraded. */
const LEGACY_MEMORY_MS = 600_000;

/** One request to a backend. */
export interface LmcpRequest extends ExchangeBounds {
  readonly method: string;
  readonly params: JsonObject;
  /** W3C trace context to pass on. */
  readonly traceparent: string | null;
  /** Told the message of each progress notification; null: none are asked for. */
  readonly onProgress: ((message: string) => void) | null;
}

/** What came of a request. `sent: false` says that it never left, only a handshake before it. */
export type LmcpResult =
  | { readonly kind: "answer"; readonly result: JsonObject }
  | { readonly kind: "failed"; readonly failure: LmcpFailure; readonly sent: boolean };

/** What a `Backend` needs from outside. */
export interface BackendOptions {
  readonly dispatcher: Dispatcher;
  /** What the hub says of itself. */
  readonly client: Implementation;
  readonly clock: Clock;
  /** Keeps a notification alive that nobody waits for. */
  readonly detach: (work: Promise<unknown>) => void;
}

/** The conversation with one host's backend: its dialect is learnt once and remembered. */
export class Backend {
  readonly #host: Host;
  readonly #url: { readonly origin: string; readonly path: string };
  readonly #options: BackendOptions;
  readonly #baseHeaders: Readonly<Record<string, string>>;
  #dialect: Dialect | null = null;
  #dialectUntil = Infinity;
  #handshake: Promise<LmcpFailure | null> | null = null;
  /** Far from other hubs' numbers: to a backend without sessions all callers are one. */
  #lastId = Math.floor(Math.random() * 2 ** 40);

  constructor(host: Host, url: string, options: BackendOptions) {
    this.#host = host;
    const { origin, pathname, search } = new URL(url);
    this.#url = { origin, path: pathname + search };
    this.#options = options;
    this.#baseHeaders = {
      "content-type": "application/json",
      "accept": "application/json, text/event-stream",
      ...(host.token === null ? {} : { authorization: `Bearer ${host.token.reveal()}` }),
    };
  }

  /**
   * Sends a request once. It is sent again only when the backend refused it for want of a session
   * or for its protocol version, which is certain not to have run it. Never rejects.
   */
  async send(request: LmcpRequest): Promise<LmcpResult> {
    const dialect = this.#known() ?? await this.#learn(request.signal, null);
    if (!isDialect(dialect)) return this.#failed(dialect, false);
    const first = await this.#sendIn(dialect, request);
    if (first.kind !== "failed" || !asksForHandshake(first.failure)) return first;
    const renewed = this.#known(dialect) ?? await this.#learn(request.signal, dialect);
    if (!isDialect(renewed)) return this.#failed(renewed, false);
    return await this.#sendIn(renewed, request);
  }

  async #sendIn(dialect: Dialect, request: LmcpRequest): Promise<LmcpResult> {
    const id = this.#newId();
    const result = await this.#exchange(dialect, id, request);
    if (result.kind === "failed") {
      if (isAbandoned(result.failure)) this.#cancel(dialect, id);
      if (result.failure.kind === "connect") this.#forget();
      return this.#failed(result.failure);
    }
    if (result.kind === "accepted") return this.#failed({ kind: "status", status: 202, body: "" });
    if (result.message.kind === "result") return { kind: "answer", result: result.message.result };
    const { code, message } = result.message.error;
    return this.#failed({ kind: "rpc", code, message });
  }

  #failed(failure: LmcpFailure, sent = true): LmcpResult {
    return { kind: "failed", failure: hideToken(failure, this.#host.token), sent };
  }

  /** The dialect that was learnt, unless that is too long ago or the one that was just refused. */
  #known(refused: Dialect | null = null): Dialect | null {
    if (this.#dialect === refused) return null;
    return this.#options.clock.now() < this.#dialectUntil ? this.#dialect : null;
  }

  /**
   * Finds out the dialect to speak. `refused` is the one that the backend has just refused. Callers
   * share one handshake; one that is cancelled only stops waiting for it.
   */
  async #learn(signal: AbortSignal, refused: Dialect | null): Promise<Dialect | LmcpFailure> {
    this.#handshake ??= this.#shakeHands(refused).finally(() => this.#handshake = null);
    const { connectMs, lmcpMs } = this.#host.timeouts;
    const failure = await within(this.#handshake, 2 * (connectMs + lmcpMs), signal);
    if (failure === "timeout" || failure === "cancelled") return { kind: failure };
    return failure ?? this.#dialect ?? PLAIN_LEGACY;
  }

  /** A backend that refuses plain requests wants `initialize`; any other is asked what it is. */
  async #shakeHands(refused: Dialect | null): Promise<LmcpFailure | null> {
    const failure = refused?.kind === "legacy" ? await this.#initialize() : await this.#discover();
    if (failure !== null) this.#forget();
    return failure;
  }

  async #discover(): Promise<LmcpFailure | null> {
    const result = await this.#exchange(
      MODERN,
      this.#newId(),
      this.#control("server/discover", {}),
    );
    if (result.kind === "failed" && isSilence(result.failure)) return result.failure;
    const isModern = result.kind === "answer" && result.message.kind === "result" &&
      Array.isArray(result.message.result.supportedVersions) &&
      result.message.result.supportedVersions.includes(MODERN_VERSION);
    this.#remember(isModern ? MODERN : PLAIN_LEGACY);
    return null;
  }

  async #initialize(): Promise<LmcpFailure | null> {
    const params = initializeParams(this.#options.client);
    const request = this.#control("initialize", params);
    const result = await this.#exchange(PLAIN_LEGACY, this.#newId(), request);
    if (result.kind === "failed") return result.failure;
    if (result.kind === "accepted") return { kind: "status", status: 202, body: "" };
    if (result.message.kind === "failure") return { kind: "rpc", ...result.message.error };
    const { protocolVersion } = result.message.result;
    if (typeof protocolVersion !== "string") {
      return { kind: "unreadable", message: "initialize gave no protocolVersion" };
    }
    const session: LegacySession = { id: result.sessionId, protocolVersion };
    this.#remember({ kind: "legacy", session });
    await this.#notify({ kind: "legacy", session }, "notifications/initialized", {});
    return null;
  }

  #exchange(dialect: Dialect, id: RequestId, request: LmcpRequest): Promise<ExchangeResult> {
    const { method, params, traceparent, onProgress } = request;
    const meta: Record<string, unknown> = {};
    if (onProgress !== null) meta.progressToken = id;
    if (traceparent !== null) meta.traceparent = traceparent;
    const dressed = dress(dialect, { method, params, meta }, this.#options.client);
    return exchange(this.#options, {
      ...this.#url,
      headers: { ...this.#baseHeaders, ...dressed.headers },
      body: writeRequest(id, method, dressed.params),
      bounds: request,
      onNotification: (name, { message }) => {
        if (name === "notifications/progress" && typeof message === "string") onProgress?.(message);
      },
    });
  }

  async #notify(dialect: Dialect, method: string, params: JsonObject): Promise<void> {
    const dressed = dress(dialect, { method, params, meta: {} }, this.#options.client);
    await exchange(this.#options, {
      ...this.#url,
      headers: { ...this.#baseHeaders, ...dressed.headers },
      body: writeNotification(method, dressed.params),
      bounds: {
        deadlineMs: CANCEL_MS,
        maxBytes: MAX_HANDSHAKE_BYTES,
        signal: new AbortController().signal,
      },
      onNotification: () => {},
    });
  }

  /** Tells a legacy backend to stop; a modern one has seen the connection close. */
  #cancel(dialect: Dialect, requestId: RequestId): void {
    if (dialect.kind === "modern") return;
    const params = { requestId, reason: "Nobody waits for the answer any more" };
    this.#options.detach(this.#notify(dialect, "notifications/cancelled", params));
  }

  /** A request of the handshake, under a deadline of its own: several callers may wait for it. */
  #control(method: string, params: JsonObject): LmcpRequest {
    const { connectMs, lmcpMs } = this.#host.timeouts;
    return {
      method,
      params,
      deadlineMs: connectMs + lmcpMs,
      maxBytes: MAX_HANDSHAKE_BYTES,
      signal: new AbortController().signal,
      traceparent: null,
      onProgress: null,
    };
  }

  #remember(dialect: Dialect): void {
    this.#dialect = dialect;
    this.#dialectUntil = dialect.kind === "modern"
      ? Infinity
      : this.#options.clock.now() + LEGACY_MEMORY_MS;
  }

  #forget(): void {
    this.#dialect = null;
    this.#dialectUntil = Infinity;
  }

  #newId(): RequestId {
    return ++this.#lastId;
  }
}

function isDialect(value: Dialect | LmcpFailure): value is Dialect {
  return value.kind === "modern" || value.kind === "legacy";
}

/** Refusals that a new handshake may mend. */
function asksForHandshake(failure: LmcpFailure): boolean {
  if (failure.kind === "status") return failure.status === 400 || failure.status === 404;
  return failure.kind === "rpc" &&
    (failure.code === INVALID_REQUEST || failure.code === UNSUPPORTED_VERSION);
}

/** The request is on the backend, and nobody waits for it any more. */
function isAbandoned(failure: LmcpFailure): boolean {
  return failure.kind === "cancelled" || failure.kind === "timeout";
}

/** Nothing came back, so that nothing is known of the backend's kind. */
function isSilence(failure: LmcpFailure): boolean {
  return failure.kind === "connect" || failure.kind === "timeout" || failure.kind === "lost";
}
