import { createHash } from "node:crypto";
import { type CopyEnd, type Done, failed } from "./end.ts";
import { inParallel } from "./in_parallel.ts";
import { type Content, digestOf, digestsOf, type Piece, readPiece } from "./source.ts";
import type { CopyTarget } from "./target.ts";

/** Targets that are written to at once: what is on its way to each takes memory. */
const WRITES = 6;
/** Targets whose hosts work by themselves at once: they begin, compare, or put it in place. */
const OTHERS = 16;

type Failed = Extract<Done, { readonly kind: "failed" }>;

/** What is copied, and to where. */
export interface Transfer {
  readonly source: CopyEnd;
  readonly content: Content;
  readonly targets: readonly CopyTarget[];
  /** Called as it goes on, with the bytes that were read. */
  readonly onProgress: (bytes: number) => void;
  /** Examines all that is read; null: it may be anything. */
  readonly inspection: Inspection | null;
  /** Called after each piece that was sent as texts, which become garbage. */
  readonly collect: () => void;
}

/** Both return what speaks against the content; null: nothing. */
export interface Inspection {
  readonly take: (bytes: Uint8Array) => string | null;
  readonly end: () => string | null;
}

/**
 * Copies a content to targets, each of which has its fate then: it is read once, piece by piece, the next one
 * while the last is written, and no faster than the slowest target takes it. Returns its SHA-256; null: it
 * was not read to its end.
 */
export async function runTransfer(transfer: Transfer): Promise<string | null> {
  const { targets } = transfer;
  await inParallel(targets, OTHERS, (target) => target.begin());
  const sha256 = await compare(transfer) ?? await pump(transfer);
  if (typeof sha256 === "string") {
    await inParallel(openOf(targets), OTHERS, (target) => target.finish(sha256));
    return sha256;
  }
  await inParallel(openOf(targets), OTHERS, async (target) => {
    target.giveUp(`the source: ${sha256.reason}`);
    // What the source has refused will not be asked for again; what was lost may be.
    if (sha256.outcome === "failed") await target.discard();
  });
  return null;
}

function openOf(targets: readonly CopyTarget[]): readonly CopyTarget[] {
  return targets.filter(({ fate }) => fate === null);
}

/** Finds out what targets have; returns why nothing can be copied, null: it can. */
async function compare({ source, content, targets }: Transfer): Promise<Failed | null> {
  const those = openOf(targets).filter(({ piecesThere }) => piecesThere > 0);
  const count = Math.max(0, ...those.map(({ piecesThere }) => piecesThere));
  if (count === 0) return null;
  const digests = await digestsOf(source, content, count);
  if ("kind" in digests) return digests;
  await inParallel(those, OTHERS, (target) => target.compare(digests));
  return null;
}

/** Reads and writes; returns the digest of all of it, or why it was not read. */
async function pump(transfer: Transfer): Promise<string | Failed> {
  const { source, content, targets, onProgress, inspection, collect } = transfer;
  const first = inspection === null ? Math.min(...openOf(targets).map(({ offset }) => offset)) : 0;
  const hash = createHash("sha256");
  const readAt = (offset: number) =>
    offset < content.size && openOf(targets).length > 0 ? readPiece(source, content, offset) : null;
  for (let next = readAt(first); next !== null;) {
    const read: Piece | Failed = await next;
    if ("kind" in read) return read;
    using piece = read;
    hash.update(piece.bytes);
    const fault = inspection?.take(piece.bytes) ?? null;
    if (fault !== null) return failed("failed", fault);
    next = readAt(piece.end);
    await inParallel(openOf(targets), WRITES, (target) => target.write(piece));
    onProgress(piece.end);
    const isText = [source, ...openOf(targets).map(({ end }) => end)].some((end) => end.sendsText);
    if (isText) collect();
  }
  if (openOf(targets).length === 0) return failed("not_delivered", "no target is left");
  const fault = inspection?.end() ?? null;
  if (fault !== null) return failed("failed", fault);
  return first === 0 ? hash.digest("hex") : await digestOf(source, content);
}
