import { dirname, join, parse } from "node:path";
import { type ChainHead, hashBehind, hashOf, NO_LINE, readLink } from "./chain.ts";
import { MAX_LINE_BYTES } from "./lines.ts";

/** Of a file's end so much is read at first; then twice as much, and so on. */
const FIRST_BYTES = 64 * 1024;
const LINE_BREAK = 10;
/** What is not read for the end of a chain: other programs have written these. */
const COMPRESSED = /\.(gz|bz2|xz|zst|lz4|Z)$/;
const MAX_ROTATED = 256;

/** Whether a file's last line lacks its line break, as after a crash; false where it cannot be read. */
export async function isCutOff(path: string): Promise<boolean> {
  // A pipe is not even opened: it would have one more reader.
  const { isFile, size } = await Deno.stat(path);
  if (!isFile || size === 0) return false;
  using file = await Deno.open(path).catch(() => null);
  if (file === null) return false;
  const [last] = await readEnd(file, size, 1);
  return last !== LINE_BREAK;
}

/**
 * Where the chain of a file is that is about to grow. One that is empty goes on where a rotated one
 * ends that has its name in front, as in `audit.jsonl.1` and `audit.jsonl-20261126`, or around a number, as
 * in `audit-20261126.jsonl`. Rejects as
 * `Deno.open()` does, and where the last line is longer than any of an audit trail.
 */
export async function findChainHead(path: string): Promise<ChainHead> {
  const { head, loose } = await readFileEnd(path);
  if (head.seq > 0 || loose === null) return head;
  const rotated = await findRotatedHead(path);
  // Lines without a link, such as one that was cut off, count where there is a chain above them.
  return rotated.seq === 0 ? head : headBehind(rotated, loose);
}

async function findRotatedHead(path: string): Promise<ChainHead> {
  let newest = NO_LINE;
  for (const other of await listRotated(path)) {
    const end = await readFileEnd(other).catch(() => null);
    if (end !== null && end.head.seq > newest.seq) newest = end.head;
  }
  return newest;
}

async function listRotated(path: string): Promise<readonly string[]> {
  const directory = dirname(path);
  const isRotated = rotationsOf(path);
  const found: string[] = [];
  try {
    for await (const entry of Deno.readDir(directory)) {
      if (entry.isFile && isRotated(entry.name) && found.length < MAX_ROTATED) {
        found.push(join(directory, entry.name));
      }
    }
  } catch {
    // Whoever cannot list the directory begins a chain of its own.
  }
  return found;
}

/** Whether a name is what logrotate makes of a file's, with `extension` or without. */
function rotationsOf(path: string): (name: string) => boolean {
  const { base, name: stem, ext } = parse(path);
  return function isRotated(name) {
    if (COMPRESSED.test(name)) return false;
    if (name.startsWith(`${base}.`) || name.startsWith(`${base}-`)) return true;
    const number = name.slice(stem.length, name.length - ext.length);
    return name.startsWith(stem) && name.endsWith(ext) && /^[.-]\d[\d.-]*$/.test(number);
  };
}

/** What the end of a file says of its chain. */
interface FileEnd {
  /** Its number is 0 if no line has a link; then the hash is that of the last line all the same. */
  readonly head: ChainHead;
  /** The lines of the file, if none has a link; null: more than are looked at. */
  readonly loose: readonly Uint8Array[] | null;
}

async function readFileEnd(path: string): Promise<FileEnd> {
  const { size, isFile } = await Deno.stat(path);
  if (!isFile) throw new Error("it is not a file, and only one can have hashes of its lines");
  using file = await Deno.open(path);
  for (let bytes = FIRST_BYTES;; bytes *= 2) {
    const length = Math.min(bytes, size);
    const lines = wholeLines(await readEnd(file, size, length), length === size);
    const head = headOf(lines);
    const isWhole = length === size;
    if (head.seq > 0 || isWhole) return { head, loose: lines };
    if (length < MAX_LINE_BYTES) continue;
    if (lines.length > 0) return { head, loose: null };
    throw new Error(`its last line has over ${MAX_LINE_BYTES} bytes: move it away`);
  }
}

/** The last line's hash, and its number if a line at or above it has one; 0: none has. */
function headOf(lines: readonly Uint8Array[]): ChainHead {
  const at = lines.findLastIndex((line) => readLink(line) !== null);
  const linked = lines[at];
  const link = linked === undefined ? null : readLink(linked);
  if (linked !== undefined && link !== null) {
    return headBehind({ seq: link.seq, hash: hashOf(linked) }, lines.slice(at + 1));
  }
  const last = lines.at(-1);
  return last === undefined ? NO_LINE : { seq: 0, hash: hashOf(last) };
}

function headBehind(head: ChainHead, loose: readonly Uint8Array[]): ChainHead {
  const next = ({ seq, hash }: ChainHead, line: Uint8Array) => (
    { seq: seq + 1, hash: hashBehind(line, hash) }
  );
  return loose.reduce<ChainHead>(next, head);
}

/** The lines in the end of a file; the first one may not be whole, unless the file begins there. */
function wholeLines(bytes: Uint8Array, isAll: boolean): readonly Uint8Array[] {
  const lines: Uint8Array[] = [];
  const begin = isAll ? 0 : bytes.indexOf(LINE_BREAK) + 1;
  if (!isAll && begin === 0) return [];
  // An empty first line ends one that was cut off in the file before.
  let start = isAll && bytes[0] === LINE_BREAK ? 1 : begin;
  while (start < bytes.length) {
    const found = bytes.indexOf(LINE_BREAK, start);
    const end = found < 0 ? bytes.length : found;
    lines.push(bytes.subarray(start, end));
    start = end + 1;
  }
  return lines;
}

async function readEnd(file: Deno.FsFile, size: number, length: number): Promise<Uint8Array> {
  await file.seek(size - length, Deno.SeekMode.Start);
  const bytes = new Uint8Array(length);
  let at = 0;
  while (at < length) {
    const read = await file.read(bytes.subarray(at));
    if (read === null) break;
    at += read;
  }
  return bytes.subarray(0, at);
}
