import type { Clock } from "../../base/time/clock.ts";
import type { WireBounds } from "./wire.ts";
import { NO_ROOM } from "../transport.ts";

/** A shorter answer does not wait for room. */
const LARGE_BYTES = 4 * 1024 * 1024;
/** What is made sure of for a large answer of unknown length: a file. */
const UNKNOWN_BYTES = 32 * 1024 * 1024;
/** How long a large answer waits for room. */
const WAIT_MS = 5_000;
/** A claimant's part that one large answer leaves for others. */
const REST = 0.1;

/** Why bytes of an answer may not stay; null: they may. */
export type Admitted = string | null;

/**
 * Makes sure of room for an answer before it is kept. A large one waits until there is room for it
 * twice, where a claimant may have so much: as it came, and as the text that is made of it.
 */
export class Admission {
  readonly #bounds: Pick<WireBounds, "maxBytes" | "room" | "signal">;
  readonly #clock: Pick<Clock, "after">;
  #bytes = 0;
  #isLarge = false;

  constructor(
    bounds: Pick<WireBounds, "maxBytes" | "room" | "signal">,
    clock: Pick<Clock, "after">,
  ) {
    this.#bounds = bounds;
    this.#clock = clock;
  }

  /** Whether so many bytes may stay, which are all there will be or those that have come so far. */
  admit(bytes: number, { isAll }: { readonly isAll: boolean }): Admitted | Promise<Admitted> {
    const { maxBytes, room } = this.#bounds;
    if (bytes > maxBytes) return `answer larger than ${maxBytes} bytes`;
    if (room === undefined || bytes <= this.#bytes) return null;
    if (this.#isLarge || bytes < LARGE_BYTES) {
      if (!room.take(bytes - this.#bytes)) return NO_ROOM;
      this.#bytes = bytes;
      return null;
    }
    this.#isLarge = true;
    const most = Math.floor(room.most * (1 - REST));
    const expected = isAll ? bytes : Math.max(bytes, Math.min(UNKNOWN_BYTES, maxBytes, most));
    return this.#wait(Math.max(expected, Math.min(2 * expected, most)), room);
  }

  async #wait(bytes: number, room: NonNullable<WireBounds["room"]>): Promise<Admitted> {
    const tooLong = new AbortController();
    const cancel = this.#clock.after(WAIT_MS, () => tooLong.abort());
    const signal = AbortSignal.any([this.#bounds.signal, tooLong.signal]);
    const isThere = await room.wait(bytes - this.#bytes, signal);
    cancel();
    if (!isThere) return NO_ROOM;
    this.#bytes = bytes;
    return null;
  }
}
