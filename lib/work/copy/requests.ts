import { z } from "zod";
import { textArgument, wordArgument } from "../arguments.ts";

/** Bytes of a piece: what is read, sent and written at once. A multiple of `BLOCK_BYTES`. */
export const PIECE_BYTES = 4 * 1024 * 1024;
/** What `dd` reads and writes at once, and counts in. */
export const BLOCK_BYTES = 64 * 1024;
/** Pieces whose digests are listed at once. */
export const MAX_DIGESTS = 65_536;

const MAX_PIECE_BYTES = 16 * 1024 * 1024;

/** What a copy is known by at both ends: the same when it is begun again. */
const copyId = z.string().max(64).regex(/^[0-9a-f]{16,64}$/, "it is not 16 to 64 hex digits");
const size = z.int().min(0);
const sha256 = z.string().max(64).regex(/^[0-9a-f]{64}$/, "it is not 64 hex digits");

/** Arguments of an agent's tool `copy_read`. */
export const readRequest = z.strictObject({
  op: z.enum(["look", "pack", "piece", "digests", "drop"]).describe(
    "look: what is there; pack: make an archive of a folder; drop: remove it",
  ),
  path: wordArgument("Path of the file or folder"),
  id: copyId.describe("Of the copy: its archive is read instead of the path").optional(),
  offset: size.describe("First byte, a multiple of 64 KiB").optional(),
  bytes: size.describe("Size of the piece, or of each piece").optional(),
  count: z.int().min(0).max(MAX_DIGESTS).describe("Number of pieces").optional(),
});

/** They. */
export type ReadRequest = z.output<typeof readRequest>;

/** Arguments of an agent's tool `copy_write`. */
export const writeRequest = z.strictObject({
  op: z.enum(["begin", "piece", "digests", "there", "finish", "discard"]).describe(
    "begin: make the partial file; there: digests of what it would replace; finish: put it in place",
  ),
  path: wordArgument("Path of the file or folder to be made"),
  id: copyId.describe("Of the copy, by which its partial file is known"),
  kind: z.enum(["file", "folder"]).describe("What it is to become"),
  size: size.describe("Size of the whole, in bytes").optional(),
  offset: size.describe("First byte, a multiple of 64 KiB").optional(),
  data: textArgument("The piece, as base64").optional(),
  bytes: size.describe("Size of each piece").optional(),
  count: z.int().min(0).max(MAX_DIGESTS).describe("Number of pieces").optional(),
  sha256: sha256.describe("Of the whole").optional(),
  mode: z.string().max(4).regex(/^[0-7]{3,4}$/, "it is not three octal digits")
    .describe("What it is to have, in octal digits").optional(),
});

/** They. */
export type WriteRequest = z.output<typeof writeRequest>;

/** The largest piece that is read at once. */
export function pieceBytes({ bytes = PIECE_BYTES }: Pick<ReadRequest, "bytes">): number {
  return Math.min(bytes, MAX_PIECE_BYTES);
}

/** The name of a copy's partial file, beside what it becomes. */
export function partName(id: string): string {
  return `.lmcp-copy-${id}`;
}
