import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import { dirname } from "node:path";
import {
  partName,
  pieceBytes,
  type ReadRequest,
  type WriteRequest,
} from "../../work/copy/requests.ts";
import { DONE } from "../../work/copy/target.ts";
import type { Reply } from "../../work/reply.ts";
import { identityOf } from "../files/kept.ts";
import type { Place } from "../files/root.ts";

/**
 * Reads a piece of a regular file without a script, as it would; null: only that can read it, or say what
 * is wrong.
 */
export async function readOwnPiece(place: Place, request: ReadRequest): Promise<Reply | null> {
  const { op, id, offset = 0 } = request;
  if (op !== "piece" || id !== undefined || place.byScript || place.info?.isFile !== true) {
    return null;
  }
  using file = await openOwn(place.path, { read: true });
  if (file === null || !(await file.stat()).isFile) return null;
  await file.seek(offset, Deno.SeekMode.Start);
  const bytes = await readUpTo(file, pieceBytes(request));
  const info = await file.stat();
  place.refuseKept(info);
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  const structured = {
    sha256,
    size: info.size,
    stamp: `${identityOf(info)}:${info.mtime?.getTime()}`,
  };
  return { text: `${bytes.length} bytes`, failure: null, structured, bytes };
}

/** Writes a piece into the partial file without a script, as it would; null: only that can write it. */
export async function writeOwnPiece(place: Place, request: WriteRequest): Promise<Reply | null> {
  const { op, id, offset = 0, data = "" } = request;
  if (op !== "piece" || place.byScript) return null;
  const path = `${dirname(place.path)}/${partName(id)}`;
  const named = await Deno.lstat(path).catch(() => null);
  if (named?.isFile !== true || named.uid !== Deno.uid() || named.size < offset) return null;
  using file = await openOwn(path, { write: true });
  if (file === null || identityOf(await file.stat()) !== identityOf(named)) return null;
  await file.seek(offset, Deno.SeekMode.Start);
  const bytes = Buffer.from(data, "base64");
  for (let at = 0; at < bytes.length;) at += await file.write(bytes.subarray(at));
  return DONE;
}

async function openOwn(path: string, options: Deno.OpenOptions): Promise<Deno.FsFile | null> {
  return await Deno.open(path, options).catch(() => null);
}

async function readUpTo(file: Deno.FsFile, size: number): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(size);
  let length = 0;
  while (length < size) {
    const count = await file.read(bytes.subarray(length));
    if (count === null) break;
    length += count;
  }
  return bytes.subarray(0, length);
}
