import { foreignText } from "../../base/text/foreign_text.ts";
import type { Implementation } from "../../mcp/era.ts";
import {
  type JsonObject,
  type RequestId,
  writeNotification,
  writeRequest,
} from "../../mcp/message.ts";
import { type Claim, claimMeta, SETTLE_METHOD } from "../../work/claims/protocol.ts";
import { MAX_RESULT_BYTES } from "../../work/claims/result.ts";
import type { WireFailure } from "../outcome.ts";
import { type Dialect, encode } from "./dialect.ts";
import type { Wire, WireBounds, WireMessage, WireResult } from "./wire.ts";

/** Time for a notification. */
const NOTIFICATION_MS = 2_000;
/** Longest answer to a notification, of which nothing is used. */
const MAX_NOTIFICATION_BYTES = 64 * 1024;

/** One request to a backend. */
export interface BackendRequest extends WireBounds {
  readonly method: string;
  readonly params: JsonObject;
  /** W3C trace context to pass on. */
  readonly traceparent: string | null;
  /** Called with the message of each progress notification; null: none are asked for. */
  readonly onProgress: ((message: string) => void) | null;
  /** The claim under which a call runs, where the backend keeps claims; absent: none. */
  readonly claim?: Claim | null | undefined;
  /**
   * Waited for when all that can be learnt before is known, and the request is about to be sent;
   * false: it is not to be. Absent: there is nothing to wait for.
   */
  readonly admit?: (() => Promise<boolean>) | undefined;
}

/** Puts requests into a dialect, sends them over a wire, and reads their answers. */
export class Requester {
  readonly #wire: Wire;
  readonly #client: Implementation;
  /** Far from other hubs' numbers: to a backend without sessions all callers are one. */
  #lastId = Math.floor(Math.random() * 2 ** 40);

  /** `client` is what the hub calls itself. */
  constructor(wire: Wire, client: Implementation) {
    this.#wire = wire;
    this.#client = client;
  }

  /** Sends a request, once. Never rejects. */
  async request(dialect: Dialect, request: BackendRequest): Promise<WireResult> {
    const id = ++this.#lastId;
    const result = await this.#wire.send(this.#message(dialect, id, request));
    if (result.kind === "failed" && isAbandoned(result.failure)) {
      const claim = claimIn(dialect, request);
      if (claim === null) this.#cancel(dialect, id);
      else this.endClaimed(dialect, claim.id);
    }
    return result;
  }

  /** Has the call with a claim ended, or never begun. */
  endClaimed(dialect: Dialect, claimId: string): void {
    const { id: folder, boot } = dialect.claims ?? {};
    const params = { id: claimId, folder, boot, ageSeconds: 0, cancel: true };
    this.#wire.sendDetached(this.#message(dialect, ++this.#lastId, {
      method: SETTLE_METHOD,
      params,
      deadlineMs: NOTIFICATION_MS,
      maxBytes: MAX_RESULT_BYTES,
      signal: new AbortController().signal,
      traceparent: null,
      onProgress: null,
      isFresh: true,
    }));
  }

  /** Sends a notification, and waits until it has been accepted. Never rejects. */
  async notify(dialect: Dialect, method: string): Promise<void> {
    await this.#wire.send(this.#notification(dialect, method, {}));
  }

  #message(dialect: Dialect, id: RequestId, request: BackendRequest): WireMessage {
    const { method, params, traceparent, onProgress } = request;
    const claim = claimIn(dialect, request);
    const meta: Record<string, unknown> = claim === null ? {} : { ...claimMeta(claim) };
    if (onProgress !== null) meta.progressToken = id;
    if (traceparent !== null) meta.traceparent = traceparent;
    const encoded = encode(dialect, { method, params, meta }, this.#client);
    return {
      id,
      headers: encoded.headers,
      body: writeRequest(id, method, encoded.params),
      bounds: request,
      onNotification: (name, { message }) => {
        if (name === "notifications/progress" && typeof message === "string") {
          onProgress?.(foreignText(message));
        }
      },
    };
  }

  #notification(dialect: Dialect, method: string, params: JsonObject): WireMessage {
    const encoded = encode(dialect, { method, params, meta: {} }, this.#client);
    return {
      id: null,
      headers: encoded.headers,
      body: writeNotification(method, encoded.params),
      bounds: {
        deadlineMs: NOTIFICATION_MS,
        maxBytes: MAX_NOTIFICATION_BYTES,
        signal: new AbortController().signal,
      },
      onNotification: () => {},
    };
  }

  /** Asks a legacy backend to stop; a modern one has seen the connection close. */
  #cancel(dialect: Dialect, requestId: RequestId): void {
    if (dialect.kind === "modern") return;
    const params = { requestId, reason: "Nobody waits for the answer any more" };
    this.#wire.sendDetached(this.#notification(dialect, "notifications/cancelled", params));
  }
}

/** The claim that a request is sent with; null: none. */
function claimIn(dialect: Dialect, { claim = null }: BackendRequest): Claim | null {
  return dialect.claims === null ? null : claim;
}

/** The request is on the backend, and nobody waits for it any more. */
function isAbandoned(failure: WireFailure): boolean {
  return failure.kind === "cancelled" || failure.kind === "timeout";
}
