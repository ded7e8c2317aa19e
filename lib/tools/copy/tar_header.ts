/** What everything in an archive is a multiple of, in bytes. */
export const SIZE_OF_BLOCK = 512;

/** What an archive says of one entry. */
export interface ArchiveEntry {
  readonly type: string;
  readonly path: string;
  readonly linkPath: string;
  readonly size: number;
}

/** Where fields are in a header, and how long: POSIX.1-2017, pax, "ustar Interchange Format". */
const FIELDS = {
  name: [0, 100],
  size: [124, 12],
  checksum: [148, 8],
  type: [156, 1],
  linkName: [157, 100],
  magic: [257, 5],
  version: [262, 3],
  prefix: [345, 155],
} as const;

/** Reads a header; or returns what is wrong with it. */
export function readHeader(block: Uint8Array): ArchiveEntry | string {
  if (textIn(block, "magic") !== "ustar") return "an entry in it has no known form";
  let sum = 0;
  for (const [at, byte] of block.entries()) sum += at >= 148 && at < 156 ? 0x20 : byte;
  if (sum !== numberIn(block, "checksum")) return "the checksum of an entry in it is wrong";
  const size = numberIn(block, "size");
  if (size === null) return "the size of an entry in it cannot be read";
  const type = textIn(block, "type") || "0";
  // GNU tar has other things where the prefix is.
  const isGnu = block[FIELDS.version[0]] === 0x20;
  const prefix = isGnu ? "" : textIn(block, "prefix");
  const name = textIn(block, "name");
  return {
    type,
    path: prefix === "" ? name : `${prefix}/${name}`,
    linkPath: textIn(block, "linkName"),
    size,
  };
}

/** Keys of extended headers that change nothing of where something goes, or how long it is. */
const HARMLESS = /^(mtime|atime|ctime|uid|gid|uname|gname|comment|LIBARCHIVE\.creationtime)$/;

/** Reads the records of an extended header; or returns what is wrong with them. */
export function readRecords(
  bytes: Uint8Array,
): { readonly path?: string; readonly linkPath?: string; readonly size?: number } | string {
  const known: { path?: string; linkPath?: string; size?: number } = {};
  for (let at = 0; at < bytes.length;) {
    const [, digits = ""] = /^(\d{1,7}) /.exec(decode(bytes.subarray(at, at + 8))) ?? [];
    const length = Number(digits);
    const record = decode(bytes.subarray(at + digits.length + 1, at + length - 1));
    const equals = record.indexOf("=");
    if (length === 0 || at + length > bytes.length || equals < 1 || record.includes("\0")) {
      return "an extended header in it cannot be read";
    }
    const [key, value] = [record.slice(0, equals), record.slice(equals + 1)];
    if (key === "path") known.path = value;
    else if (key === "linkpath") known.linkPath = value;
    else if (key === "size" && /^\d{1,15}$/.test(value)) known.size = Number(value);
    else if (!HARMLESS.test(key)) {
      return `it has an extended header that is not known: ${JSON.stringify(key)}`;
    }
    at += length;
  }
  return known;
}

function textIn(block: Uint8Array, field: keyof typeof FIELDS): string {
  const [start, length] = FIELDS[field];
  const bytes = block.subarray(start, start + length);
  const end = bytes.indexOf(0);
  return decode(end === -1 ? bytes : bytes.subarray(0, end));
}

/** A number in octal digits, or in GNU tar's base 256; null: it is none. */
function numberIn(block: Uint8Array, field: "size" | "checksum"): number | null {
  const [start, length] = FIELDS[field];
  const bytes = block.subarray(start, start + length);
  if (bytes[0] === 0x80) {
    const value = bytes.subarray(1).reduce((sum, byte) => sum * 256 + byte, 0);
    return Number.isSafeInteger(value) ? value : null;
  }
  const text = textIn(block, field).trim();
  return /^[0-7]+$/.test(text) ? Number.parseInt(text, 8) : null;
}

function decode(bytes: Uint8Array): string {
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
}
