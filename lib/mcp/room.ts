import type { Pause } from "../base/bursts.ts";
import { collectGarbage } from "../base/collect_garbage.ts";
import { PageBytes } from "../base/page_bytes.ts";
import type { Clock } from "../base/time/clock.ts";
import type { Lease } from "../calls/budget.ts";
import { JsonText } from "./json/text.ts";

/** How long a call waits for room. */
const WAIT_MS = 5_000;
/** What had so much room leaves as much in texts that nobody needs any more. */
const COLLECT_BYTES = 16 * 1024 * 1024;

/** Room in memory for what a call reads, and for its answer. */
export interface Room {
  /**
   * Makes sure of room for an answer of so many bytes before it is read; waits some seconds, if need
   * be. False: there is none, or `signal` was aborted.
   */
  readonly reserve: (bytes: number, signal: AbortSignal) => Promise<boolean>;
  /** Takes over room in which an answer was read, until it is written. */
  readonly adopt: (room: Lease) => void;
  /** Begins a long text of the answer, which is then never a string as a whole. */
  readonly openText: () => LongText;
  /** Why there was no room. */
  readonly shortage: string;
  /** What is waited for between the steps of long work. */
  readonly pause: Pause;
}

/** A long text of an answer while it is written. */
export interface LongText {
  /** Adds a part; false: there is no room for it. */
  readonly add: (part: string) => boolean;
  /** Returns the word that the result has in its place. */
  readonly end: () => string;
}

/** What one call may have. */
export interface RoomOptions {
  /** Its part of what all answers may have. */
  readonly lease: Lease;
  /** Longest answer. */
  readonly maxBytes: number;
  readonly clock: Pick<Clock, "after">;
  /** The same for all calls. */
  readonly pause: Pause;
}

/** The `Room` of one call, until its answer has left. */
export class AnswerRoom implements Room, Disposable {
  readonly #options: RoomOptions;
  /** Null: there is none. */
  #texts: Map<string, readonly Uint8Array[]> | null = null;
  #pages: PageBytes[] = [];
  #adopted: Lease[] = [];
  #isOver = false;
  #reserved = 0;
  #mostReserved = 0;
  #written = 0;
  #isTooLong = false;

  constructor(options: RoomOptions) {
    this.#options = options;
  }

  get pause(): Pause {
    return this.#options.pause;
  }

  /** Whether the result may have words in the place of texts. */
  get hasTexts(): boolean {
    return this.#texts !== null;
  }

  get shortage(): string {
    return this.#isTooLong
      ? `the answer has more than ${this.#options.maxBytes} bytes as JSON: ask for less`
      : "too many large answers wait to be read: try again later";
  }

  async reserve(bytes: number, signal: AbortSignal): Promise<boolean> {
    const { clock, lease } = this.#options;
    const tooLong = new AbortController();
    const cancel = clock.after(WAIT_MS, () => tooLong.abort());
    const isThere = await lease.wait(bytes, AbortSignal.any([signal, tooLong.signal]));
    cancel();
    if (isThere) this.#addReserved(bytes);
    return isThere;
  }

  readonly adopt = (room: Lease): void => {
    if (this.#isOver) return room[Symbol.dispose]();
    this.#adopted.push(room);
    this.#addReserved(room.held);
  };

  openText(): LongText {
    const text = this.newText();
    return {
      add: (part) => text.addText(part),
      end: () => {
        const word = crypto.randomUUID();
        this.#texts ??= new Map();
        this.#texts.set(word, text.pieces(0, text.length));
        return word;
      },
    };
  }

  /** The pieces of the text that a word is in the place of. */
  findText(word: string): readonly Uint8Array[] | undefined {
    return this.#texts?.get(word);
  }

  /** A text that is gone with the room. */
  newText(): JsonText {
    const bytes = new PageBytes(this.#options.maxBytes);
    this.#pages.push(bytes);
    return new JsonText(bytes, this.#take);
  }

  /** Gives back what was reserved and not written. */
  trim(): void {
    for (const lease of this.#adopted) this.#giveBack(lease);
    this.#giveBack(this.#options.lease);
  }

  #giveBack(lease: Lease): void {
    const excess = Math.min(this.#reserved - this.#written, lease.held);
    if (excess === 0) return;
    lease.giveBack(excess);
    this.#reserved -= excess;
  }

  /** Gives back all that was written. */
  clear(): void {
    for (const pages of this.#pages) pages[Symbol.dispose]();
    this.#pages = [];
    this.#texts = null;
    this.#written = 0;
    this.trim();
  }

  [Symbol.dispose](): void {
    this.#isOver = true;
    this.clear();
    for (const lease of this.#adopted) lease[Symbol.dispose]();
    this.#options.lease[Symbol.dispose]();
    if (this.#mostReserved >= COLLECT_BYTES) collectGarbage();
    this.#mostReserved = 0;
  }

  #addReserved(bytes: number): void {
    this.#reserved += bytes;
    this.#mostReserved = Math.max(this.#mostReserved, this.#reserved);
  }

  readonly #take = (bytes: number): boolean => {
    const { lease, maxBytes } = this.#options;
    const written = this.#written + bytes;
    this.#isTooLong = written > maxBytes;
    const missing = Math.max(0, written - this.#reserved);
    if (this.#isTooLong || !lease.take(missing)) return false;
    this.#addReserved(missing);
    this.#written = written;
    return true;
  };
}
