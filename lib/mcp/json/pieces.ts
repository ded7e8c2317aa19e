import { Buffer } from "node:buffer";
import { letOthersRun } from "../../base/bursts.ts";
import type { JsonObject } from "../message.ts";

/** A longer text is written in pieces. */
const LONG_CHARS = 64 * 1024;
/** Characters that are written before other work has its turn: 3 to 15 ms. */
const TURN_CHARS = 1024 * 1024;
/** Values of a result that are searched for a long text; with more of them, one is assumed. */
const MAX_SEARCHED = 100;

const encoder = new TextEncoder();

/** JSON text: its beginning, which is all of a short one, and the rest in pieces of some 64 KiB. */
export interface JsonPieces {
  readonly text: string;
  readonly rest: readonly Uint8Array[];
}

/** Takes room for bytes; false: there is none. */
export type TakeBytes = (bytes: number) => boolean;

/**
 * A result as JSON. A long text mostly occurs in it twice, as the first block of `content` and in
 * `structuredContent`: it is written once, and its pieces are put in both places. Null: there is no
 * room for the bytes beyond `text`. Other work has its turn while a long text is written.
 */
export function writeResultJson(
  result: JsonObject,
  take: TakeBytes,
): JsonPieces | Promise<JsonPieces | null> {
  if (mayHaveLongText(result)) return writeLong(result, take);
  const text = JSON.stringify(result);
  return text.length < LONG_CHARS ? { text, rest: [] } : writeLong(result, take);
}

async function writeLong(result: JsonObject, take: TakeBytes): Promise<JsonPieces | null> {
  const texts: string[] = [];
  const indexOf = (text: string) => {
    const known = texts.indexOf(text);
    return known < 0 ? texts.push(text) - 1 : known;
  };
  // Nobody can have foreseen the mark, so it occurs only where a text was.
  const mark = crypto.randomUUID();
  const json = JSON.stringify(
    result,
    (_key, value) =>
      typeof value === "string" && value.length >= LONG_CHARS ? `${mark}${indexOf(value)}` : value,
  );
  const written = new Map<string, readonly Uint8Array[]>();
  for (const [index, text] of texts.entries()) {
    const pieces = await writeText(text, take);
    if (pieces === null) return null;
    written.set(String(index), pieces);
  }
  const rest: Uint8Array[] = [];
  // Every second part is the index of a text, whose quotes the parts beside it keep.
  for (const [index, part] of json.split(new RegExp(`(?<=")${mark}(\\d+)(?=")`)).entries()) {
    const pieces = index % 2 === 1 ? written.get(part) ?? [] : writeParts(part, take);
    if (pieces === null) return null;
    rest.push(...pieces);
  }
  return { text: "", rest };
}

/** The JSON of a text, without its quotes. */
async function writeText(text: string, take: TakeBytes): Promise<Uint8Array[] | null> {
  const pieces: Uint8Array[] = [];
  let nextTurn = TURN_CHARS;
  for (let start = 0, end = 0; start < text.length; start = end) {
    end = endOfPiece(text, start);
    const piece = encoder.encode(JSON.stringify(text.slice(start, end)).slice(1, -1));
    if (!take(piece.byteLength)) return null;
    pieces.push(piece);
    if (end < nextTurn) continue;
    nextTurn += TURN_CHARS;
    await letOthersRun();
  }
  return pieces;
}

/** JSON text in pieces. */
function writeParts(json: string, take: TakeBytes): Uint8Array[] | null {
  const pieces: Uint8Array[] = [];
  for (let start = 0, end = 0; start < json.length; start = end) {
    end = endOfPiece(json, start);
    const piece = encoder.encode(json.slice(start, end));
    if (!take(piece.byteLength)) return null;
    pieces.push(piece);
  }
  return pieces;
}

/** Where a piece ends that begins at `start`: never between the halves of a surrogate pair. */
function endOfPiece(text: string, start: number): number {
  const end = start + LONG_CHARS;
  if (end >= text.length) return text.length;
  const isHighHalf = (text.charCodeAt(end - 1) & 0xfc00) === 0xd800;
  return isHighHalf ? end - 1 : end;
}

function mayHaveLongText(result: JsonObject): boolean {
  const values: unknown[] = [result];
  for (let searched = 0; searched < values.length; searched++) {
    if (searched === MAX_SEARCHED) return true;
    const value = values[searched];
    if (typeof value === "string" && value.length >= LONG_CHARS) return true;
    if (typeof value !== "object" || value === null) continue;
    for (const part of Object.values(value)) values.push(part);
  }
  return false;
}

/** The size of JSON in bytes. */
export function sizeOf({ text, rest }: JsonPieces): number {
  return rest.reduce((size, piece) => size + piece.byteLength, Buffer.byteLength(text));
}
