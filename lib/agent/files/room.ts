import { Failure } from "../../work/failure.ts";
import type { Room } from "../../mcp/room.ts";
import { MAX_FILE_BYTES } from "../../work/read_file.ts";
import type { Place } from "./root.ts";

/** A content of this size or more is not read without asking. */
export const LONG_BYTES = 64 * 1024;

const BUSY = "busy: too many large files are being read, try again later";

/** Who wants room for a file's content. */
export interface RoomOptions {
  readonly room: Room;
  /** How many bytes are needed for each byte of the file. */
  readonly factor: number;
  /** How many bytes of the file are read at most; absent: one that is too large is refused later. */
  readonly most?: number;
  readonly signal: AbortSignal;
}

/** Waits for room for a file that is to be read. Throws a `Failure` if there is none. */
export async function makeRoomFor(
  { info }: Place,
  { room, factor, most = Infinity, signal }: RoomOptions,
): Promise<void> {
  const size = Math.min(info?.size ?? 0, most);
  if (size < LONG_BYTES || size > MAX_FILE_BYTES) return;
  if (!await room.reserve(Math.ceil(size * factor), signal)) throw new Failure(BUSY);
}
