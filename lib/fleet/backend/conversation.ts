import type { Clock } from "../../base/clock.ts";
import { within } from "../../base/within.ts";
import { type Implementation, MODERN_VERSION } from "../../mcp/era.ts";
import {
  INVALID_REQUEST,
  type JsonObject,
  type RequestId,
  UNSUPPORTED_VERSION,
  writeNotification,
  writeRequest,
} from "../../mcp/message.ts";
import type { Host } from "../host.ts";
import type { WireFailure } from "../outcome.ts";
import {
  type Dialect,
  encode,
  initializeParams,
  type LegacySession,
  MODERN,
  PLAIN_LEGACY,
} from "./dialect.ts";
import { hideToken } from "./hidden.ts";
import type { Wire, WireBounds, WireMessage, WireResult } from "./wire.ts";

/** Longest answer to `server/discover` and `initialize`. */
const MAX_HANDSHAKE_BYTES = 1024 * 1024;
/** Time for a notification. */
const NOTIFICATION_MS = 2_000;
/** How long a backend is taken for legacy before it is asked again: it may be upgraded. */
const LEGACY_MEMORY_MS = 600_000;

/** One request to a backend. */
export interface BackendRequest extends WireBounds {
  readonly method: string;
  readonly params: JsonObject;
  /** W3C trace context to pass on. */
  readonly traceparent: string | null;
  /** Called with the message of each progress notification; null: none are asked for. */
  readonly onProgress: ((message: string) => void) | null;
}

/** What came of a request. `sent: false` says that it never left, only a handshake before it. */
export type BackendResult =
  | { readonly kind: "answer"; readonly result: JsonObject }
  | { readonly kind: "failed"; readonly failure: WireFailure; readonly sent: boolean };

/** What a `Conversation` needs from outside. */
export interface ConversationOptions {
  readonly wire: Wire;
  /** What the hub says of itself. */
  readonly client: Implementation;
  readonly clock: Clock;
}

/** The conversation with one host's backend: its dialect is learnt once and remembered. */
export class Conversation {
  readonly #host: Host;
  readonly #options: ConversationOptions;
  #dialect: Dialect | null = null;
  #dialectUntil = Infinity;
  #handshake: Promise<WireFailure | null> | null = null;
  /** Far from other hubs' numbers: to a backend without sessions all callers are one. */
  #lastId = Math.floor(Math.random() * 2 ** 40);

  constructor(host: Host, options: ConversationOptions) {
    this.#host = host;
    this.#options = options;
  }

  /**
   * Sends a request once. It is sent again only when the backend refused it for want of a session
   * or for its protocol version, which is certain not to have run it. Never rejects.
   */
  async send(request: BackendRequest): Promise<BackendResult> {
    const dialect = this.#known() ?? await this.#learn(request.signal, null);
    if (!isDialect(dialect)) return this.#failed(dialect, false);
    const first = await this.#sendIn(dialect, request);
    if (first.kind !== "failed" || !asksForHandshake(first.failure)) return first;
    const renewed = this.#known(dialect) ?? await this.#learn(request.signal, dialect);
    if (!isDialect(renewed)) return this.#failed(renewed, false);
    return await this.#sendIn(renewed, request);
  }

  async #sendIn(dialect: Dialect, request: BackendRequest): Promise<BackendResult> {
    const id = this.#newId();
    const result = await this.#sendMessage(dialect, id, request);
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

  #failed(failure: WireFailure, sent = true): BackendResult {
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
  async #learn(signal: AbortSignal, refused: Dialect | null): Promise<Dialect | WireFailure> {
    this.#handshake ??= this.#negotiate(refused).finally(() => this.#handshake = null);
    const { connectMs, lmcpMs } = this.#host.timeouts;
    const failure = await within(this.#handshake, 2 * (connectMs + lmcpMs), signal);
    if (failure === "timeout" || failure === "cancelled") return { kind: failure };
    return failure ?? this.#dialect ?? PLAIN_LEGACY;
  }

  /** A backend that refuses plain requests wants `initialize`; any other is asked what it is. */
  async #negotiate(refused: Dialect | null): Promise<WireFailure | null> {
    const failure = refused?.kind === "legacy" ? await this.#initialize() : await this.#discover();
    if (failure !== null) this.#forget();
    return failure;
  }

  async #discover(): Promise<WireFailure | null> {
    const result = await this.#sendMessage(
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

  async #initialize(): Promise<WireFailure | null> {
    const params = initializeParams(this.#options.client);
    const request = this.#control("initialize", params);
    const result = await this.#sendMessage(PLAIN_LEGACY, this.#newId(), request);
    if (result.kind === "failed") return result.failure;
    if (result.kind === "accepted") return { kind: "status", status: 202, body: "" };
    if (result.message.kind === "failure") return { kind: "rpc", ...result.message.error };
    const { protocolVersion } = result.message.result;
    if (typeof protocolVersion !== "string") {
      return { kind: "unreadable", message: "initialize gave no protocolVersion" };
    }
    const session: LegacySession = { id: result.sessionId, protocolVersion };
    this.#remember({ kind: "legacy", session });
    await this.#options.wire.send(
      this.#notification({ kind: "legacy", session }, "notifications/initialized", {}),
    );
    return null;
  }

  #sendMessage(dialect: Dialect, id: RequestId, request: BackendRequest): Promise<WireResult> {
    const { method, params, traceparent, onProgress } = request;
    const meta: Record<string, unknown> = {};
    if (onProgress !== null) meta.progressToken = id;
    if (traceparent !== null) meta.traceparent = traceparent;
    const encoded = encode(dialect, { method, params, meta }, this.#options.client);
    return this.#options.wire.send({
      headers: encoded.headers,
      body: writeRequest(id, method, encoded.params),
      bounds: request,
      onNotification: (name, { message }) => {
        if (name === "notifications/progress" && typeof message === "string") onProgress?.(message);
      },
    });
  }

  #notification(dialect: Dialect, method: string, params: JsonObject): WireMessage {
    const encoded = encode(dialect, { method, params, meta: {} }, this.#options.client);
    return {
      headers: encoded.headers,
      body: writeNotification(method, encoded.params),
      bounds: {
        deadlineMs: NOTIFICATION_MS,
        maxBytes: MAX_HANDSHAKE_BYTES,
        signal: new AbortController().signal,
      },
      onNotification: () => {},
    };
  }

  /** Asks a legacy backend to stop; a modern one has seen the connection close. */
  #cancel(dialect: Dialect, requestId: RequestId): void {
    if (dialect.kind === "modern") return;
    const params = { requestId, reason: "Nobody waits for the answer any more" };
    this.#options.wire.sendDetached(
      this.#notification(dialect, "notifications/cancelled", params),
    );
  }

  /** A request of the handshake, under a deadline of its own: several callers may wait for it. */
  #control(method: string, params: JsonObject): BackendRequest {
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

function isDialect(value: Dialect | WireFailure): value is Dialect {
  return value.kind === "modern" || value.kind === "legacy";
}

/** Refusals that a new handshake may mend. */
function asksForHandshake(failure: WireFailure): boolean {
  if (failure.kind === "status") return failure.status === 400 || failure.status === 404;
  return failure.kind === "rpc" &&
    (failure.code === INVALID_REQUEST || failure.code === UNSUPPORTED_VERSION);
}

/** The request is on the backend, and nobody waits for it any more. */
function isAbandoned(failure: WireFailure): boolean {
  return failure.kind === "cancelled" || failure.kind === "timeout";
}

/** Nothing came back, so that nothing is known of the backend's kind. */
function isSilence(failure: WireFailure): boolean {
  return failure.kind === "connect" || failure.kind === "timeout" || failure.kind === "lost";
}
