import { concat, decodeUtf8 } from "../base/bytes.ts";
import type { Clock } from "../base/clock.ts";

/** Bodies up to this size are read in one go, without counting while they come. */
const SMALL_BYTES = 64 * 1024;

/** A request's body, or why it was not read. */
export type Body =
  | { readonly kind: "ok"; readonly text: string; readonly release: () => void }
  | { readonly kind: "too_large" | "too_many" | "too_slow" | "not_utf8" | "lost" };

/** Bounds on what is read. */
export interface BodyLimits {
  /** Of one body. */
  readonly maxBytes: number;
  /** Of all bodies that were read and not yet released. */
  readonly maxTotalBytes: number;
  /** Wait for the next piece of a large body. */
  readonly stallMs: number;
  readonly clock: Clock;
}

/**
 * Reads bodies within bounds. What was read counts against `maxTotalBytes` until `release` is
 * called, which the caller does when its request is answered.
 */
export function createBodyReader(limits: BodyLimits): (request: Request) => Promise<Body> {
  let totalBytes = 0;

  function reserve(bytes: number): boolean {
    if (totalBytes + bytes > limits.maxTotalBytes) return false;
    totalBytes += bytes;
    return true;
  }

  return async function readBody(request) {
    // HTTP frames a body by its Content-Length, so that it cannot be longer; a chunked one has none.
    const length = Number(request.headers.get("content-length") ?? Infinity);
    if (Number.isFinite(length) && length > limits.maxBytes) {
      await request.body?.cancel();
      return { kind: "too_large" };
    }
    let held = 0;
    const hold = (bytes: number) => {
      if (!reserve(bytes)) return false;
      held += bytes;
      return true;
    };
    const release = () => {
      totalBytes -= held;
      held = 0;
    };
    const read = length <= SMALL_BYTES
      ? await request.bytes().then((bytes) => hold(bytes.length) ? bytes : TOO_MANY, () => LOST)
      : await readCounted(request, limits, hold);
    const text = read instanceof Uint8Array ? decodeUtf8(read) : null;
    if (text !== null) return { kind: "ok", text, release };
    release();
    return read instanceof Uint8Array ? { kind: "not_utf8" } : read;
  };
}

type NotRead = Exclude<Body, { kind: "ok" }>;

const TOO_MANY: NotRead = { kind: "too_many" };
const LOST: NotRead = { kind: "lost" };

async function readCounted(
  request: Request,
  limits: BodyLimits,
  hold: (bytes: number) => boolean,
): Promise<Uint8Array | NotRead> {
  if (request.body === null) return new Uint8Array();
  const reader = request.body.getReader();
  const chunks: Uint8Array[] = [];
  let size = 0;
  let refused: NotRead | null = null;
  const stop = (kind: NotRead["kind"]) => {
    refused = { kind };
    return reader.cancel();
  };
  try {
    for (;;) {
      const cancelStall = limits.clock.after(limits.stallMs, () => stop("too_slow"));
      const { done, value } = await reader.read().finally(cancelStall);
      if (done) return refused ?? concat(chunks, size);
      size += value.byteLength;
      chunks.push(value);
      if (size > limits.maxBytes) await stop("too_large");
      else if (!hold(value.byteLength)) await stop("too_many");
    }
  } catch {
    return refused ?? LOST;
  }
}
