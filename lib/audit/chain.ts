import { createHash } from "node:crypto";

/** Where a chain of lines is: its newest line. Every line of the file counts, also one that was cut off. */
export interface ChainHead {
  /** The line's number. */
  readonly seq: number;
  /** The line's hash, in hex, as `hashBehind()` has it; null: there is no line. */
  readonly hash: string | null;
}

/** What a line says of itself and of the one before, at its end. */
export interface Link {
  readonly seq: number;
  /** The hash of the line before; null: there is none. */
  readonly previous: string | null;
}

/** A chain before its first line. */
export const NO_LINE: ChainHead = { seq: 0, hash: null };

/** No text of a caller looks like this, since quotes inside of a JSON text are escaped. */
const LINK = /,"seq":(\d{1,15}),"previous":(?:null|"([0-9a-f]{64})")\}$/;
/** The longest `Link`, and some. */
const LINK_BYTES = 128;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/**
 * The hash of a line's raw bytes, which nobody needs to parse or to write again. A text is hashed as
 * UTF-8, which costs half as much as to encode it first.
 */
export function hashOf(line: Uint8Array | string): string {
  return createHash("sha256").update(line).digest("hex");
}

/**
 * The hash of a line that stands behind one with the hash `before`. One without a link, such as one that
 * was cut off, says nothing of the line before: so that this is not lost, its hash is that of both.
 */
export function hashBehind(line: Uint8Array, before: string | null): string {
  if (before === null || readLink(line) !== null) return hashOf(line);
  return createHash("sha256").update(`${before}\n`).update(line).digest("hex");
}

/** What a line says of the one before; null: nothing. */
export function readLink(line: Uint8Array): Link | null {
  const [, seq, previous = null] = LINK.exec(decoder.decode(line.subarray(-LINK_BYTES))) ?? [];
  return seq === undefined ? null : { seq: Number(seq), previous };
}

/** Lines as bytes, and where the chain is after each. */
export interface LinkedLines {
  readonly bytes: Uint8Array;
  readonly heads: readonly ChainHead[];
}

/** Links lines of JSON, each ended by a line break, to the line before. */
export function linkLines(text: string, head: ChainHead): LinkedLines {
  const heads: ChainHead[] = [];
  let linked = "";
  let { seq, hash } = head;
  for (const line of text.split("\n").slice(0, -1)) {
    const previous = hash === null ? "null" : `"${hash}"`;
    const whole = `${line.slice(0, -1)},"seq":${++seq},"previous":${previous}}`;
    hash = hashOf(whole);
    heads.push({ seq, hash });
    linked += `${whole}\n`;
  }
  return { bytes: encoder.encode(linked), heads };
}
