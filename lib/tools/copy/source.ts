import { createHash } from "node:crypto";
import { z } from "zod";
import type { JsonObject } from "../../mcp/message.ts";
import {
  BLOCK_BYTES,
  MAX_DIGESTS,
  PIECE_BYTES,
  type ReadRequest,
} from "../../work/copy/requests.ts";
import { sourceProcedure } from "../../work/copy/source.ts";
import { type CopyEnd, type Done, failed } from "./end.ts";

const looked = z.object({
  kind: z.enum(["file", "folder"]),
  mode: z.string().regex(/^[0-7]{3}$/),
  size: z.int().min(0),
  stamp: z.string().max(200),
  left_out: z.string().max(300).nullable(),
});
const stepRead = z.object({
  data: z.string().optional(),
  sha256: z.string(),
  size: z.int(),
  stamp: z.string(),
});
/** Digests of pieces. */
export const digestList = z.object({ digests: z.array(z.string().length(64)) });

/** What there is to copy. */
export interface Content extends z.output<typeof looked> {
  readonly path: string;
  /** Of the archive that is read in place of a folder; null: it is a file. */
  readonly archive: string | null;
}

type Failed = Extract<Done, { readonly kind: "failed" }>;

/** What is said of a source that did not stay as it was. */
export const CHANGED = "it changed while it was read; copy it again";

/** Finds out what is at a path. */
export async function lookAt(end: CopyEnd, path: string): Promise<Content | Failed> {
  return toContent(await ask(end, { op: "look", path }), { path, archive: null });
}

/** Has the host make an archive of a folder. */
export async function packFolder(
  end: CopyEnd,
  path: string,
  archive: string,
): Promise<Content | Failed> {
  const done = await ask(end, { op: "pack", path, id: archive }, { workedBytes: PACK_BYTES });
  return toContent(done, { path, archive });
}

/** How much a folder may hold in which its host works for an hour and a half. */
const PACK_BYTES = 50_000_000_000;

/** Has the host remove it. */
export async function dropArchive(end: CopyEnd, { path, archive }: Content): Promise<void> {
  if (archive !== null) await ask(end, { op: "drop", path, id: archive });
}

/** A piece of it. */
export class Piece implements Disposable {
  readonly offset: number;
  readonly bytes: Uint8Array<ArrayBuffer>;

  constructor(offset: number, bytes: Uint8Array<ArrayBuffer>) {
    this.offset = offset;
    this.bytes = bytes;
  }

  get end(): number {
    return this.offset + this.bytes.length;
  }

  /** Lets go of its bytes at once, rather than when they are found to be garbage. */
  [Symbol.dispose](): void {
    this.bytes.buffer.transfer(0);
  }
}

/** Reads a piece, which is what the host has read, of what is still as it was. */
export async function readPiece(
  end: CopyEnd,
  content: Content,
  offset: number,
): Promise<Piece | Failed> {
  const bytes = new Uint8Array(Math.min(PIECE_BYTES, content.size - offset));
  for (let at = 0; at < bytes.length;) {
    const step = bytes.subarray(at, at + end.stepBytes);
    const fault = await readStep(end, content, { offset: offset + at, into: step });
    if (fault !== null) return fault;
    at += step.length;
  }
  return new Piece(offset, bytes);
}

/** Returns why it could not be read; null: it was. */
async function readStep(
  end: CopyEnd,
  content: Content,
  { offset, into }: { readonly offset: number; readonly into: Uint8Array<ArrayBuffer> },
): Promise<Failed | null> {
  const sentBytes = into.length;
  const request = { op: "piece", ...whatOf(content), offset, bytes: sentBytes } as const;
  const done = await ask(end, request, { sentBytes });
  if (done.kind === "failed") return done;
  const { data: step } = stepRead.safeParse(done.answer);
  if (step === undefined) return UNREADABLE;
  const bytes = done.bytes ?? Uint8Array.fromBase64(step.data ?? "");
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  const isSame = step.size === content.size && step.stamp === content.stamp &&
    bytes.length >= into.length;
  into.set(bytes.subarray(0, into.length));
  bytes.buffer.transfer(0);
  if (sha256 !== step.sha256) {
    return failed("failed", "a piece of it arrived with another hash; copy it again");
  }
  return isSame ? null : failed("failed", CHANGED);
}

/** The digests of its first pieces, as the host reads them. */
export async function digestsOf(
  end: CopyEnd,
  content: Content,
  count: number,
): Promise<readonly string[] | Failed> {
  if (count === 0) return [];
  const bytes = PIECE_BYTES;
  const request = { op: "digests", ...whatOf(content), bytes, count } as const;
  return readDigests(await ask(end, request, { workedBytes: content.size }));
}

/** The digest of all of it, as the host reads it. */
export async function digestOf(end: CopyEnd, content: Content): Promise<string | Failed> {
  const bytes = Math.max(BLOCK_BYTES, content.size);
  const request = { op: "digests", ...whatOf(content), bytes, count: 1 } as const;
  const digests = readDigests(await ask(end, request, { workedBytes: content.size }));
  return "kind" in digests ? digests : digests[0] ?? UNREADABLE;
}

/** How many pieces something has; as many as are looked at again. */
export function countPieces(bytes: number): number {
  return Math.min(MAX_DIGESTS, Math.ceil(bytes / PIECE_BYTES));
}

/** Reads an answer with digests. */
export function readDigests(done: Done): readonly string[] | Failed {
  if (done.kind === "failed") return done;
  return digestList.safeParse(done.answer).data?.digests ?? UNREADABLE;
}

const UNREADABLE = failed("failed", "its answer cannot be read");

function whatOf({ path, archive }: Content): { path: string; id?: string } {
  return archive === null ? { path } : { path, id: archive };
}

function toContent(done: Done, how: Pick<Content, "path" | "archive">): Content | Failed {
  if (done.kind === "failed") return done;
  const { data } = looked.safeParse(done.answer);
  return data === undefined ? UNREADABLE : { ...data, ...how };
}

function ask(
  end: CopyEnd,
  request: ReadRequest,
  sizes: { readonly sentBytes?: number; readonly workedBytes?: number } = {},
): Promise<Done> {
  const args: JsonObject = { ...request };
  return end.do({
    tool: "copy_read",
    args,
    procedure: () => sourceProcedure(request),
    isRepeatable: true,
    ...sizes,
  });
}
