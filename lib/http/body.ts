import { decodeUtf8, letGo } from "../base/bytes.ts";
import { PageBytes } from "../base/page_bytes.ts";
import type { Clock } from "../base/time/clock.ts";
import type { Budget } from "../calls/budget.ts";
import type { Claimant } from "../calls/claimant.ts";

/** Bodies up to this size are read in one go, without counting while they come. */
const SMALL_BYTES = 64 * 1024;
/** What a body must bring each second, once `slackMs` is over. */
const LEAST_BYTES_PER_MS = 256;

/** A request's body, or why it was not read. */
export type Body =
  | { readonly kind: "ok"; readonly text: string; readonly release: () => void }
  | { readonly kind: "too_large" | "too_many" | "too_slow" | "not_utf8" | "lost" };

/** Bounds on all bodies together, and on the time of each. */
export interface BodyLimits {
  /** Bodies that are being read. */
  readonly places: Budget;
  /** Bytes of all bodies that were read and not yet released. */
  readonly bytes: Budget;
  /** Wait for the next piece of a body. */
  readonly stallMs: number;
  /** Time for a whole body; a large one has a second more for each 256,000 bytes. */
  readonly slackMs: number;
  readonly clock: Pick<Clock, "now" | "after">;
}

/** Whose body is read, and how long it may be. */
export interface BodyOptions {
  readonly claimant: Claimant;
  readonly maxBytes: number;
  /** Aborted when it must make room for others: it is then one too many. */
  readonly signal?: AbortSignal;
}

/**
 * Reads bodies within bounds. What was read counts against its sender's share of the bytes until
 * `release` is called, which the caller does when its request is answered.
 */
export function createBodyReader(
  limits: BodyLimits,
): (request: Request, options: BodyOptions) => Promise<Body> {
  return async function readBody(request, { claimant, maxBytes, signal }) {
    // HTTP frames a body by its Content-Length, so that it cannot be longer; a chunked one has none.
    const length = Number(request.headers.get("content-length") ?? Infinity);
    const place = limits.places.lease(claimant);
    const lease = limits.bytes.lease(claimant);
    const refused = Number.isFinite(length) && length > maxBytes
      ? TOO_LARGE
      : place.take(1)
      ? null
      : TOO_MANY;
    if (refused !== null) {
      await request.body?.cancel().catch(() => {});
      return refused;
    }
    const hold = (bytes: number) => lease.take(bytes);
    const release = () => lease[Symbol.dispose]();
    try {
      const read = length <= SMALL_BYTES
        ? await readSmall(request, { ...limits, hold, signal })
        : await readCounted(request, { ...limits, maxBytes, hold, signal });
      if (typeof read === "string") return { kind: "ok", text: read, release };
      release();
      return read;
    } finally {
      place[Symbol.dispose]();
    }
  };
}

type NotRead = Exclude<Body, { kind: "ok" }>;

/** What is needed to read one. */
interface Reading extends BodyLimits {
  readonly hold: (bytes: number) => boolean;
  readonly signal: AbortSignal | undefined;
}

const TOO_LARGE: NotRead = { kind: "too_large" };
const TOO_MANY: NotRead = { kind: "too_many" };
const TOO_SLOW: NotRead = { kind: "too_slow" };
const NOT_UTF8: NotRead = { kind: "not_utf8" };
const LOST: NotRead = { kind: "lost" };

function readSmall(
  request: Request,
  { clock, stallMs, hold, signal }: Reading,
): Promise<string | NotRead> {
  const { promise, resolve } = Promise.withResolvers<string | NotRead>();
  const cancelWait = clock.after(stallMs, () => settle(TOO_SLOW));
  const settle = (read: string | NotRead) => {
    cancelWait();
    signal?.removeEventListener("abort", giveUp);
    resolve(read);
  };
  const giveUp = () => settle(TOO_MANY);
  signal?.addEventListener("abort", giveUp);
  request.bytes().then(
    (bytes) => settle(hold(bytes.length) ? decodeUtf8(bytes) ?? NOT_UTF8 : TOO_MANY),
    () => settle(LOST),
  );
  return promise;
}

/** The pieces are let go of as they come: the garbage collector would find them late. */
async function readCounted(
  request: Request,
  { clock, stallMs, slackMs, maxBytes, hold, signal }: Reading & { readonly maxBytes: number },
): Promise<string | NotRead> {
  if (request.body === null) return "";
  const reader = request.body.getReader();
  using bytes = new PageBytes(maxBytes);
  const startedAt = clock.now();
  let size = 0;
  let refused: NotRead | null = null;
  const stop = (why: NotRead) => {
    refused = why;
    return reader.cancel();
  };
  const giveUp = () => void stop(TOO_MANY).catch(() => {});
  signal?.addEventListener("abort", giveUp);
  const isSlow = () => clock.now() - startedAt > slackMs + size / LEAST_BYTES_PER_MS;
  try {
    for (;;) {
      const cancelStall = clock.after(stallMs, () => void stop(TOO_SLOW).catch(() => {}));
      const { done, value } = await reader.read().finally(cancelStall);
      if (done) return refused ?? decodeUtf8(bytes.view()) ?? NOT_UTF8;
      size += value.byteLength;
      if (size > maxBytes) await stop(TOO_LARGE);
      else if (!hold(value.byteLength)) await stop(TOO_MANY);
      else if (isSlow()) await stop(TOO_SLOW);
      else bytes.push(value);
      letGo(value);
    }
  } catch {
    return refused ?? LOST;
  } finally {
    signal?.removeEventListener("abort", giveUp);
  }
}
