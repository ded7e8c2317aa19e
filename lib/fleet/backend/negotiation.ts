import { isDeepStrictEqual } from "node:util";
import { foreignText } from "../../base/text/foreign_text.ts";
import type { Clock } from "../../base/time/clock.ts";
import { within } from "../../base/time/within.ts";
import { type Implementation, META_SERVER_INFO, MODERN_VERSION } from "../../mcp/era.ts";
import { isJsonObject, type JsonObject, METHOD_NOT_FOUND } from "../../mcp/message.ts";
import type { HostTimeouts } from "../host.ts";
import { announcesClaims, type ClaimFolder, readClaimFolder } from "../../work/claims/protocol.ts";
import type { WireFailure } from "../outcome.ts";
import { type Dialect, initializeParams, MODERN, PLAIN_LEGACY } from "./dialect.ts";
import type { BackendRequest, Requester } from "./requester.ts";
import type { WireResult } from "./wire.ts";

/** Longest answer to a request of the handshake. */
const MAX_HANDSHAKE_BYTES = 1024 * 1024;
/** How long a backend counts as legacy before it is asked again: it may be upgraded. */
const LEGACY_MEMORY_MS = 600_000;
/** After such a silence a backend is asked whether path and token are still right. */
const SILENCE_MS = 30_000;

/** What each later request can say in a header; with another value none would ever be sent. */
const HEADER_VALUE = /^[\x21-\x7e]{1,64}$/;

/** Characters of a backend's name, and of its version. */
const MAX_NAME = 100;

/** What a backend says of itself. */
export interface BackendIdentity {
  /** One line each, bounded. */
  readonly name: string;
  readonly version: string;
  /** Revision of MCP that is spoken with it. */
  readonly protocol: string;
}

/** Options of a `Negotiation`. */
export interface NegotiationOptions {
  readonly requester: Requester;
  readonly timeouts: HostTimeouts;
  /** What the hub calls itself. */
  readonly client: Implementation;
  readonly clock: Clock;
  /** How many connections to the backend have been closed so far. */
  readonly disconnects: () => number;
}

/**
 * Learns how a backend wants to be spoken to, before it is asked to do anything, and remembers it.
 * Nothing here changes anything on the host, so that all of it may be repeated. Callers share what
 * is under way; one that is cancelled only stops waiting for it.
 */
export class Negotiation {
  readonly #options: NegotiationOptions;
  #dialect: Dialect | null = null;
  #dialectUntil = Infinity;
  #heardAt = -Infinity;
  #disconnects = 0;
  #learning: Promise<WireFailure | null> | null = null;
  #checking: Promise<void> | null = null;
  #claiming: Dialect | null = null;
  #claims: ClaimFolder | null | undefined;
  #identity: BackendIdentity | null = null;

  constructor(options: NegotiationOptions) {
    this.#options = options;
  }

  /** The dialect, learnt now if need be; or why it could not be learnt. */
  async dialect(signal: AbortSignal): Promise<Dialect | WireFailure> {
    return this.#known() ?? await this.#learn(signal);
  }

  /**
   * The same, for a request that must not be sent twice: a session that was lost, a path or a token
   * that is no longer right are noticed before. At once where nothing has to be asked.
   */
  checkedDialect(signal: AbortSignal): Dialect | Promise<Dialect | WireFailure> {
    const known = this.#known();
    if (known === null) return this.#learn(signal);
    return this.#needsCheck(known) ? this.#checkFirst(known, signal) : known;
  }

  async #checkFirst(known: Dialect, signal: AbortSignal): Promise<Dialect | WireFailure> {
    this.#checking ??= this.#check(known).finally(() => this.#checking = null);
    const gaveUp = await within(this.#checking, this.#patienceMs, signal);
    if (gaveUp === "timeout" || gaveUp === "cancelled") return { kind: gaveUp };
    return await this.dialect(signal);
  }

  /** The newest dialect of a backend that keeps claims, even if it no longer holds; null: none. */
  get claiming(): Dialect | null {
    return this.#claiming;
  }

  /** Where the backend keeps its claims, or did so last; null: it keeps none, undefined: not known. */
  get claims(): ClaimFolder | null | undefined {
    return this.#claims;
  }

  /** What the backend has said of itself last; null: nothing. */
  get identity(): BackendIdentity | null {
    return this.#identity;
  }

  /** The backend has answered. */
  heard(): void {
    this.#heardAt = this.#options.clock.now();
  }

  /** What was learnt may no longer hold. */
  forget(): void {
    this.#dialect = null;
    this.#dialectUntil = Infinity;
  }

  #known(): Dialect | null {
    return this.#options.clock.now() < this.#dialectUntil ? this.#dialect : null;
  }

  async #learn(signal: AbortSignal): Promise<Dialect | WireFailure> {
    this.#learning ??= this.#negotiate().finally(() => this.#learning = null);
    const failure = await within(this.#learning, this.#patienceMs, signal);
    if (failure === "timeout" || failure === "cancelled") return { kind: failure };
    return failure ?? this.#dialect ?? PLAIN_LEGACY;
  }

  get #patienceMs(): number {
    const { connectMs, lmcpMs } = this.#options.timeouts;
    return 2 * (connectMs + lmcpMs);
  }

  /** A backend that restarted has closed its connections, and lost its sessions. */
  #needsCheck(dialect: Dialect): boolean {
    if (this.#options.clock.now() - this.#heardAt > SILENCE_MS) return true;
    const hasSession = dialect.kind === "legacy" && typeof dialect.session?.id === "string";
    // What is there now may be another program, which claims nothing.
    const mayHaveChanged = hasSession || dialect.claims !== null;
    return mayHaveChanged && this.#options.disconnects() !== this.#disconnects;
  }

  async #check(dialect: Dialect): Promise<void> {
    this.#disconnects = this.#options.disconnects();
    if (dialect.kind === "legacy" && dialect.claims !== null) return this.forget();
    const method = dialect.kind === "modern" ? "server/discover" : "ping";
    const result = await this.#ask(dialect, method, {});
    if (result.kind === "answer" && dialect.kind === "modern") this.#rememberModern(result);
    const isAlive = result.kind === "answer" ||
      result.failure.kind === "rpc" && result.failure.code === METHOD_NOT_FOUND;
    if (isAlive) this.heard();
    else this.forget();
  }

  async #negotiate(): Promise<WireFailure | null> {
    this.#disconnects = this.#options.disconnects();
    const discovered = await this.#ask(MODERN, "server/discover", {});
    if (discovered.kind === "failed" && isSilence(discovered.failure)) return discovered.failure;
    return isModern(discovered) ? this.#rememberModern(discovered) : await this.#initialize();
  }

  async #initialize(): Promise<WireFailure | null> {
    const { client, requester } = this.#options;
    const result = await this.#ask(PLAIN_LEGACY, "initialize", initializeParams(client));
    if (result.kind === "failed") return await this.#tryPlain(result.failure);
    const { protocolVersion } = result.result;
    if (typeof protocolVersion !== "string" || !HEADER_VALUE.test(protocolVersion)) {
      return { kind: "unreadable", message: "initialize gave no protocolVersion" };
    }
    const session = { id: result.sessionId, protocolVersion };
    const dialect: Dialect = { kind: "legacy", session, ...claimHabits(result.result._meta) };
    await requester.notify(dialect, "notifications/initialized");
    this.#identity = identityIn(result.result.serverInfo, protocolVersion);
    return this.#remember(dialect);
  }

  /** A backend that does not know `initialize` may take requests as they come. */
  async #tryPlain(refusal: WireFailure): Promise<WireFailure | null> {
    if (refusal.kind !== "rpc") return refusal;
    const result = await this.#ask(PLAIN_LEGACY, "tools/list", {});
    return result.kind === "answer" ? this.#remember(PLAIN_LEGACY) : refusal;
  }

  #rememberModern(discovered: WireResult & { readonly kind: "answer" }): null {
    const { _meta: meta } = discovered.result;
    const info = isJsonObject(meta) ? meta[META_SERVER_INFO] : null;
    this.#identity = identityIn(info, MODERN_VERSION);
    return this.#remember(modernOf(discovered));
  }

  #remember(dialect: Dialect): null {
    this.heard();
    this.#dialect = dialect;
    if (dialect.claims !== null) this.#claiming = dialect;
    this.#claims = dialect.claims ?? this.#claims ?? (dialect.isWithoutFolder ? undefined : null);
    this.#dialectUntil = dialect.kind === "modern"
      ? Infinity
      : this.#options.clock.now() + LEGACY_MEMORY_MS;
    return null;
  }

  /** Under a deadline of its own, since several callers may wait for it. A lost one is asked again. */
  async #ask(dialect: Dialect, method: string, params: JsonObject): Promise<WireResult> {
    const { connectMs, lmcpMs } = this.#options.timeouts;
    const request: BackendRequest = {
      method,
      params,
      deadlineMs: connectMs + lmcpMs,
      maxBytes: MAX_HANDSHAKE_BYTES,
      signal: new AbortController().signal,
      traceparent: null,
      onProgress: null,
    };
    const result = await this.#options.requester.request(dialect, request);
    const isLost = result.kind === "failed" && result.failure.kind === "lost";
    return isLost ? await this.#options.requester.request(dialect, request) : result;
  }
}

/** Whether a backend would see a difference between two dialects. */
export function isSameDialect(a: Dialect, b: Dialect): boolean {
  const sessionOf = (dialect: Dialect) => dialect.kind === "legacy" ? dialect.session : null;
  return a.kind === b.kind && isDeepStrictEqual(sessionOf(a), sessionOf(b));
}

/** Whether a value is a dialect, and not why there is none. */
export function isDialect(value: Dialect | WireFailure): value is Dialect {
  return value.kind === "modern" || value.kind === "legacy";
}

function isModern(result: WireResult): result is WireResult & { readonly kind: "answer" } {
  if (result.kind !== "answer") return false;
  const { supportedVersions } = result.result;
  return Array.isArray(supportedVersions) && supportedVersions.includes(MODERN_VERSION);
}

function modernOf(discovered: WireResult & { readonly kind: "answer" }): Dialect {
  return { kind: "modern", ...claimHabits(discovered.result._meta) };
}

function claimHabits(meta: unknown): Pick<Dialect, "claims" | "isWithoutFolder"> {
  const claims = readClaimFolder(meta);
  return claims === null && announcesClaims(meta) ? { claims, isWithoutFolder: true } : { claims };
}

/** Null: it is none. */
function identityIn(info: unknown, protocol: string): BackendIdentity | null {
  if (!isJsonObject(info) || typeof info.name !== "string") return null;
  const version = typeof info.version === "string" ? info.version : "";
  return {
    name: foreignText(info.name, MAX_NAME),
    version: foreignText(version, MAX_NAME),
    protocol,
  };
}

/** Nothing came back, so that nothing is known of the backend's kind. */
function isSilence(failure: WireFailure): boolean {
  return failure.kind === "connect" || failure.kind === "timeout" || failure.kind === "lost";
}
