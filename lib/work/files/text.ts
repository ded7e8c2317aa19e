import { createHash } from "node:crypto";

/** How the bytes of a text file are to be read. */
export type TextEncoding = "utf-8" | "utf-16le" | "utf-16be" | "latin-1";

/** A text, and how it was encoded. */
export interface DecodedText {
  readonly text: string;
  readonly encoding: TextEncoding;
}

/**
 * The text of a file's bytes: UTF-8, UTF-16 with a byte order mark, or what is almost certainly
 * Latin-1. Null: it is no text.
 */
export function decodeContent(bytes: Uint8Array): DecodedText | null {
  const text = decodeText(bytes);
  if (text !== null) return { text, encoding: "utf-8" };
  const encoding = utf16Of(bytes);
  if (encoding !== null) return decodeUtf16(bytes, encoding);
  return isLatin1(bytes) ? { text: decodeLatin1(bytes), encoding: "latin-1" } : null;
}

/** The text of a file's bytes, exactly, a byte order mark included; null: they are no UTF-8. */
function decodeText(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return null;
  }
}

/** The encoding that a byte order mark of UTF-16 shows; null: there is none. */
function utf16Of([first, second]: Uint8Array): "utf-16le" | "utf-16be" | null {
  if (first === 0xff && second === 0xfe) return "utf-16le";
  return first === 0xfe && second === 0xff ? "utf-16be" : null;
}

function decodeUtf16(bytes: Uint8Array, encoding: "utf-16le" | "utf-16be"): DecodedText | null {
  try {
    const text = new TextDecoder(encoding, { fatal: true }).decode(bytes);
    return text.includes("\0") ? null : { text, encoding };
  } catch {
    return null;
  }
}

/** Each byte as the character of the same number, which no decoder of the platform does. */
function decodeLatin1(bytes: Uint8Array): string {
  const parts: string[] = [];
  for (let at = 0; at < bytes.length; at += 8_192) {
    parts.push(String.fromCharCode(...bytes.subarray(at, at + 8_192)));
  }
  return parts.join("");
}

/** The bytes that a text holds in base64, to look for ASCII in, also in UTF-16; null: it is none. */
export function searchableBase64(text: string): string | null {
  try {
    return decodeLatin1(Uint8Array.fromBase64(text)).replaceAll("\0", "");
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

/** The longest run of letters with accents, and their largest part, in a text of Latin-1. */
const [MAX_RUN, MAX_PART] = [2, 0.25];

/**
 * Whether bytes are what people write in Latin-1: mostly ASCII, no control characters, never many
 * letters with accents in a row, as in texts of other alphabets, and nothing that UTF-8 could have
 * been before it was damaged or cut off.
 */
function isLatin1(bytes: Uint8Array): boolean {
  let [high, run, before] = [0, 0, 0];
  for (const byte of bytes) {
    if (byte >= 0x7f && byte < 0xa0) return false;
    if (byte < 0x20 && !(byte >= 0x09 && byte <= 0x0d) && byte !== 0x1b) return false;
    run = byte < 0x80 ? 0 : run + 1;
    if (run > MAX_RUN || (before >= 0xc0 && run > 1 && byte < 0xc0)) return false;
    if (run > 0) high++;
    before = byte;
  }
  return before < 0xc0 && high <= bytes.length * MAX_PART;
}

/** SHA-256 in hexadecimal digits. */
export function sha256(parts: Iterable<Uint8Array>): string {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return hash.digest("hex");
}

const SIGNATURES: readonly (readonly [kind: string, start: readonly number[]])[] = [
  ["an ELF program", [0x7f, 0x45, 0x4c, 0x46]],
  ["gzip data", [0x1f, 0x8b]],
  ["bzip2 data", [0x42, 0x5a, 0x68]],
  ["xz data", [0xfd, 0x37, 0x7a, 0x58, 0x5a]],
  ["zstd data", [0x28, 0xb5, 0x2f, 0xfd]],
  ["a zip archive", [0x50, 0x4b, 0x03, 0x04]],
  ["a PNG image", [0x89, 0x50, 0x4e, 0x47]],
  ["a JPEG image", [0xff, 0xd8, 0xff]],
  ["a PDF document", [0x25, 0x50, 0x44, 0x46]],
  ["an SQLite database", [0x53, 0x51, 0x4c, 0x69, 0x74, 0x65]],
];

/** Why bytes are not shown as a text: what they seem to be, how many there are, and their hash. */
export function describeBinary(
  bytes: Uint8Array,
  whole: { readonly size: number; readonly sha256: string | null },
): string {
  const kind = SIGNATURES.find(([, start]) => start.every((byte, at) => bytes[at] === byte))?.[0] ??
    "binary data";
  const hash = whole.sha256 === null ? "" : `, sha256 ${whole.sha256}`;
  return `it is not text but ${kind} (${whole.size} bytes${hash}); use encoding "base64"`;
}
