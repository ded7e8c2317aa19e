import { Buffer } from "node:buffer";
import type { Pause } from "../../base/bursts.ts";
import type { JsonObject } from "../message.ts";
import { endOfPiece, type JsonText } from "./text.ts";

/** A longer text is written by itself. */
const LONG_CHARS = 64 * 1024;
/** Characters that are written before other work may have its turn: 0.2 to 2 ms. */
const STEP_CHARS = 128 * 1024;
/** Values of a result that are searched for a long text; with more of them, one is assumed. */
const MAX_SEARCHED = 100;

/** JSON text: its beginning, which is all of a short one, and the rest in pieces of some 64 KiB. */
export interface JsonPieces {
  readonly text: string;
  readonly rest: readonly Uint8Array[];
}

/** Where long texts are written. */
export interface PiecesRoom {
  readonly newText: () => JsonText;
  /** Whether the result may have words in the place of texts that are written already. */
  readonly hasTexts: boolean;
  /** The pieces of the text that a word is in the place of. */
  readonly findText: (word: string) => readonly Uint8Array[] | undefined;
  readonly pause: Pause;
}

/**
 * A result as JSON. A long text mostly occurs in it twice, as the first block of `content` and in
 * `structuredContent`: it is written once, and its pieces are put in both places. Null: there is no
 * room for the bytes beyond `text`. Other work has its turn while a long text is written.
 */
export function writeResultJson(
  result: JsonObject,
  room: PiecesRoom,
): JsonPieces | Promise<JsonPieces | null> {
  if (room.hasTexts || mayHaveLongText(result)) return writeLong(result, room);
  const text = JSON.stringify(result);
  return text.length < LONG_CHARS ? { text, rest: [] } : writeLong(result, room);
}

async function writeLong(result: JsonObject, room: PiecesRoom): Promise<JsonPieces | null> {
  const texts: string[] = [];
  const indexOf = (text: string) => {
    const known = texts.indexOf(text);
    return known < 0 ? texts.push(text) - 1 : known;
  };
  const isLong = (text: string) => text.length >= LONG_CHARS || room.findText(text) !== undefined;
  // Nobody can have foreseen the mark, so it occurs only where a text was.
  const mark = crypto.randomUUID();
  const json = JSON.stringify(
    result,
    (_key, value) =>
      typeof value === "string" && isLong(value) ? `${mark}${indexOf(value)}` : value,
  );
  if (texts.length === 0 && json.length < LONG_CHARS) return { text: json, rest: [] };
  const out = room.newText();
  const written = new Map<string, readonly Uint8Array[]>();
  for (const [index, text] of texts.entries()) {
    const pieces = room.findText(text) ?? await writeText(text, out, room.pause);
    if (pieces === null) return null;
    written.set(String(index), pieces);
  }
  const rest: Uint8Array[] = [];
  // Every second part is the index of a text, whose quotes the parts beside it keep.
  for (const [index, part] of json.split(new RegExp(`(?<=")${mark}(\\d+)(?=")`)).entries()) {
    const pieces = index % 2 === 1 ? written.get(part) ?? [] : writePart(part, out);
    if (pieces === null) return null;
    rest.push(...pieces);
  }
  return { text: "", rest };
}

/** The JSON of a text, without its quotes. */
async function writeText(
  text: string,
  out: JsonText,
  pause: Pause,
): Promise<readonly Uint8Array[] | null> {
  const begin = out.length;
  for (let start = 0, end = 0; start < text.length; start = end) {
    await pause();
    end = endOfPiece(text, start, STEP_CHARS);
    if (!out.addText(text.slice(start, end))) return null;
  }
  return out.pieces(begin, out.length);
}

function writePart(json: string, out: JsonText): readonly Uint8Array[] | null {
  const begin = out.length;
  return out.addJson(json) ? out.pieces(begin, out.length) : null;
}

function mayHaveLongText(result: JsonObject): boolean {
  let searched = 0;
  const mayBeLong = (value: unknown): boolean => {
    if (++searched > MAX_SEARCHED) return true;
    if (typeof value === "string") return value.length >= LONG_CHARS;
    return typeof value === "object" && value !== null && Object.values(value).some(mayBeLong);
  };
  return mayBeLong(result);
}

/** The size of JSON in bytes. */
export function sizeOf({ text, rest }: JsonPieces): number {
  return rest.reduce((size, piece) => size + piece.byteLength, Buffer.byteLength(text));
}
