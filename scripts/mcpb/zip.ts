import { Buffer } from "node:buffer";
import { crc32, deflateRawSync } from "node:zlib";

/** A file of an archive. */
export interface ZipEntry {
  /** With `/`. */
  readonly path: string;
  readonly bytes: Uint8Array;
}

const VERSION = 20;
/** The names are UTF-8. */
const FLAGS = 0x0800;
const DEFLATED = 8;
/** Made on Unix, as the mode of a file says below. */
const MADE_BY = 0x0300 | VERSION;
const MODE = 0o100644;

/**
 * A ZIP archive in which all files have the same time, so that packing the same makes the same.
 * https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT
 */
export function zip(entries: readonly ZipEntry[], date: Date): Uint8Array {
  const locals: Buffer[] = [];
  const centrals: Buffer[] = [];
  let offset = 0;
  for (const { path, bytes } of entries) {
    const name = Buffer.from(path);
    const packed = deflateRawSync(bytes, { level: 9 });
    const common = commonFields({ name, bytes, packed, date });
    const local = Buffer.concat([uint32(0x04034b50), uint16(VERSION), common, name, packed]);
    centrals.push(
      Buffer.concat([
        uint32(0x02014b50),
        uint16(MADE_BY),
        uint16(VERSION),
        common,
        // Comment, disk, internal attributes: none.
        Buffer.alloc(6),
        uint32(MODE * 0x10000),
        uint32(offset),
        name,
      ]),
    );
    locals.push(local);
    offset += local.length;
  }
  const directory = Buffer.concat(centrals);
  return Buffer.concat([...locals, directory, endRecord(entries.length, directory.length, offset)]);
}

/** What the header of a file and its line in the directory have in common. */
function commonFields({ name, bytes, packed, date }: {
  readonly name: Buffer;
  readonly bytes: Uint8Array;
  readonly packed: Buffer;
  readonly date: Date;
}): Buffer {
  return Buffer.concat([
    uint16(FLAGS),
    uint16(DEFLATED),
    uint16(timeOf(date)),
    uint16(dayOf(date)),
    uint32(crc32(bytes)),
    uint32(packed.length),
    uint32(bytes.length),
    uint16(name.length),
    uint16(0),
  ]);
}

function endRecord(count: number, size: number, offset: number): Buffer {
  const counts = [uint16(0), uint16(0), uint16(count), uint16(count)];
  return Buffer.concat([uint32(0x06054b50), ...counts, uint32(size), uint32(offset), uint16(0)]);
}

function timeOf(date: Date): number {
  return date.getUTCHours() << 11 | date.getUTCMinutes() << 5 | date.getUTCSeconds() >> 1;
}

/** Counted from 1980. */
function dayOf(date: Date): number {
  const years = Math.max(0, date.getUTCFullYear() - 1980);
  return years << 9 | date.getUTCMonth() + 1 << 5 | date.getUTCDate();
}

function uint16(value: number): Buffer {
  const buffer = Buffer.alloc(2);
  buffer.writeUInt16LE(value);
  return buffer;
}

function uint32(value: number): Buffer {
  const buffer = Buffer.alloc(4);
  buffer.writeUInt32LE(value);
  return buffer;
}
