import type { Table } from "../../shared/table.ts";
import { pieceKey } from "./record.ts";

/** A server accepts messages of 1 MiB, unless it is configured otherwise. */
export const PIECE_BYTES = 256 * 1024;
/** Pieces that are on their way at once. */
const AT_ONCE = 8;

/** How many pieces an answer of that size has. */
export function countPieces(bytes: number): number {
  return Math.ceil(bytes / PIECE_BYTES);
}

/** Writes an answer; false: not all of it is there. */
export async function writePieces(
  table: Table,
  key: string,
  bytes: Uint8Array,
): Promise<boolean> {
  return await inGroups(countPieces(bytes.length), async (index) => {
    const piece = bytes.subarray(index * PIECE_BYTES, (index + 1) * PIECE_BYTES);
    return (await table.write(pieceKey(key, index), piece, null)).kind === "written";
  });
}

/** Reads an answer of that size; null: a piece is missing. */
export async function readPieces(
  table: Table,
  key: string,
  size: number,
): Promise<Uint8Array | "away" | null> {
  const bytes = new Uint8Array(size);
  let isAway = false;
  const isWhole = await inGroups(countPieces(size), async (index) => {
    const read = await table.read(pieceKey(key, index));
    isAway ||= read.kind === "away";
    if (read.kind !== "entry") return false;
    const { value } = read.entry;
    const start = index * PIECE_BYTES;
    if (value.length !== Math.min(PIECE_BYTES, size - start)) return false;
    bytes.set(value, start);
    return true;
  });
  if (isAway) return "away";
  return isWhole ? bytes : null;
}

/** False as soon as one has failed. */
async function inGroups(
  count: number,
  work: (index: number) => Promise<boolean>,
): Promise<boolean> {
  for (let start = 0; start < count; start += AT_ONCE) {
    const group = Array.from({ length: Math.min(AT_ONCE, count - start) }, (_, i) => start + i);
    const done = await Promise.all(group.map(work));
    if (done.includes(false)) return false;
  }
  return true;
}
