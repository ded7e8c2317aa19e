import type { Pause } from "../../base/bursts.ts";
import { findExcess } from "./bounds.ts";
import { decodeHalves, Unescape } from "./unescape.ts";

/** A longer string is read by itself. */
const LONG_BYTES = 64 * 1024;
/** Bytes that are read before other work may have its turn: 0.1 to 1 ms. */
const STEP_BYTES = 64 * 1024;
/** Bytes of a text with halves of surrogate pairs that are decoded at once. */
const HALVES_BYTES = 8 * 1024;

const [QUOTE, BACKSLASH, COLON] = [0x22, 0x5c, 0x3a];
/** A byte order mark is no part of a JSON text, though some servers send one. */
const MARK: readonly number[] = [0xef, 0xbb, 0xbf];
const BLANKS: readonly (number | undefined)[] = [0x20, 0x09, 0x0a, 0x0d];

/** How JSON is read. */
export interface ReadOptions {
  /** Makes text of UTF-8, of which a byte order mark is a part; may throw. */
  readonly decode: (bytes: Uint8Array) => string;
  readonly pause: Pause;
}

/** JSON that was read; or which bound it exceeds, so that it was not. */
export type ReadJson = { readonly value: unknown } | { readonly excess: string };

/**
 * Reads long JSON, whose bytes it changes. Its long strings are read in steps between which other
 * work has its turn, and each becomes one string, of which there is no copy before. Throws a
 * `SyntaxError`, or what `decode` throws.
 */
export async function readLongJson(all: Uint8Array, options: ReadOptions): Promise<ReadJson> {
  const bytes = all.subarray(MARK.every((byte, at) => all[at] === byte) ? MARK.length : 0);
  const { rest, strings } = await takeStringsOut(bytes, options);
  const excess = findExcess(rest);
  return excess === null ? { value: putBack(JSON.parse(rest), strings) } : { excess };
}

/** JSON with words in the place of its long strings. */
interface TakenOut {
  readonly rest: string;
  readonly strings: ReadonlyMap<string, string>;
}

async function takeStringsOut(bytes: Uint8Array, options: ReadOptions): Promise<TakenOut> {
  const { decode, pause } = options;
  // Nobody can have foreseen it, so it occurs only where a string was.
  const mark = crypto.randomUUID();
  const strings = new Map<string, string>();
  const parts: string[] = [];
  let [from, pauseAt] = [0, 0];
  for (let quote = bytes.indexOf(QUOTE); quote >= 0;) {
    if (quote >= pauseAt) {
      await pause();
      pauseAt = quote + STEP_BYTES;
    }
    let end = findEnd(bytes, quote + 1);
    if (end === null) {
      const read = await readString(bytes, quote + 1, options);
      end = read.end;
      const word = `${mark}${strings.size}`;
      const inside = isKey(bytes, end) ? JSON.stringify(read.text).slice(1, -1) : word;
      if (inside === word) strings.set(word, read.text);
      parts.push(decode(bytes.subarray(from, quote + 1)), inside);
      from = end;
    }
    quote = bytes.indexOf(QUOTE, end + 1);
  }
  parts.push(decode(bytes.subarray(from)));
  return { rest: parts.join(""), strings };
}

/** Where the closing quote of a string is; null: far away, or nowhere. */
function findEnd(bytes: Uint8Array, start: number): number | null {
  const limit = Math.min(start + LONG_BYTES, bytes.length);
  for (let at = start; at < limit; at++) {
    if (bytes[at] === QUOTE) return at;
    if (bytes[at] === BACKSLASH) at++;
  }
  return null;
}

/** A string's text, and where its closing quote is. */
async function readString(
  bytes: Uint8Array,
  start: number,
  { decode, pause }: ReadOptions,
): Promise<{ readonly text: string; readonly end: number }> {
  const unescape = new Unescape(bytes, start);
  while (unescape.advance(STEP_BYTES)) await pause();
  const text = unescape.isWellFormed
    ? decode(unescape.text)
    : await decodeInSteps(unescape.text, pause);
  await pause();
  return { text, end: unescape.at };
}

async function decodeInSteps(bytes: Uint8Array, pause: Pause): Promise<string> {
  const parts: string[] = [];
  for (let start = 0, end = 0; start < bytes.length; start = end) {
    await pause();
    end = Math.min(start + HALVES_BYTES, bytes.length);
    while (((bytes[end] ?? 0) & 0xc0) === 0x80) end++;
    parts.push(decodeHalves(bytes.subarray(start, end)));
  }
  return parts.join("");
}

function isKey(bytes: Uint8Array, end: number): boolean {
  let at = end + 1;
  while (BLANKS.includes(bytes[at])) at++;
  return bytes[at] === COLON;
}

/** The value with its strings in the place of their words. */
function putBack(value: unknown, strings: TakenOut["strings"]): unknown {
  if (typeof value === "string") return strings.get(value) ?? value;
  if (strings.size === 0 || !isContainer(value)) return value;
  for (const [key, old] of Object.entries(value)) {
    const put = putBack(old, strings);
    if (put !== old) value[key] = put;
  }
  return value;
}

/** An array is one too, by its indices. */
function isContainer(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
