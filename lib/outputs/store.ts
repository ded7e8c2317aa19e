import { Buffer } from "node:buffer";
import { getOrAdd } from "../base/get_or_add.ts";
import { within } from "../base/time/within.ts";
import { type Claimant, shareOf } from "../calls/claimant.ts";
import { KeptAnswer } from "./kept.ts";
import { type FoundOutput, type Output, type RunningOutput, Shelf } from "./shelf.ts";

/** What is known of an answer beside its text. */
export interface EndedResult {
  readonly isError: boolean;
}

/** A call that goes on, whose answer will be kept. */
export interface PendingOutput {
  readonly id: string;
  /** Resolves when other hubs can find it, too, or cannot for now; never rejects. */
  readonly isShared: Promise<void>;
  readonly finish: (text: string, result: EndedResult) => void;
}

/** What is known at once is not waited for. */
type AtOnce<T> = T | Promise<T>;

/** The answers that are kept for those who asked for them: for a day, in a bounded space. */
export interface Outputs {
  /** Keeps an answer and returns its id; null: it is larger than one principal may have. */
  readonly keep: (principal: string, text: string, result: EndedResult) => AtOnce<string | null>;
  /** Begins to keep a call that goes on. */
  readonly begin: (
    principal: string,
    call: Pick<RunningOutput, "startedAt" | "end" | "state">,
  ) => PendingOutput;
  /** What is kept under an id; null: nothing that this principal may see. */
  readonly find: (principal: string, id: string) => AtOnce<FoundOutput | null>;
  /** Drops all that is kept for principals who are not known any more. */
  readonly forget: (principals: readonly string[]) => void;
}

/** The answers that one hub keeps by itself. */
export interface OwnOutputs extends Outputs {
  readonly keep: (principal: string, text: string, result: EndedResult) => string | null;
  readonly find: (principal: string, id: string) => Output | null;
  /** Keeps an answer that another hub has kept so long under this id. */
  readonly adopt: (
    principal: string,
    id: string,
    answer: EndedResult & { readonly text: string; readonly ageMs: number },
  ) => KeptAnswer;
}

/** How an `Outputs` is bounded. */
export interface OutputsOptions {
  readonly claimantOf: (principal: string) => Claimant;
  /** Monotonic, in milliseconds. */
  readonly now: () => number;
  /** Of all answers, of which a client has at most half; default 64 MiB. */
  readonly maxBytes?: number;
  /** Default: a day. */
  readonly maxAgeMs?: number;
  /** Ids that are remembered, also of what is gone, of which a client has at most half; default 10,000. */
  readonly maxIds?: number;
  /** Of an id that is made; default 6, which is enough for one hub. */
  readonly idLetters?: number;
}

/** Makes the place where answers are kept, in memory. */
export function createOutputs(options: OutputsOptions): OwnOutputs {
  return new OutputStore(options);
}

const AT_ONCE = Promise.resolve();

class OutputStore implements OwnOutputs {
  readonly #options: Required<OutputsOptions>;
  readonly #shelves = new Map<string, Shelf>();

  constructor(options: OutputsOptions) {
    this.#options = {
      maxBytes: 64 * 1024 * 1024,
      maxAgeMs: 24 * 60 * 60 * 1000,
      maxIds: 10_000,
      idLetters: 6,
      ...options,
    };
  }

  readonly keep: OwnOutputs["keep"] = (principal, text, result) => {
    if (!this.#hasRoomFor(text, principal)) return null;
    const shelf = this.#shelfOf(principal);
    const id = this.#newId(shelf);
    this.#put(principal, id, { text, ...result });
    this.#makeRoom(principal, shelf, id);
    return id;
  };

  readonly begin: Outputs["begin"] = (principal, call) => {
    const shelf = this.#shelfOf(principal);
    const id = this.#newId(shelf);
    const ended = Promise.withResolvers<true>();
    const waitForEnd: RunningOutput["waitForEnd"] = async (ms, signal) =>
      await within(ended.promise, ms, signal) === true;
    shelf.putRunning(id, { kind: "running", ...call, waitForEnd });
    this.#makeRoom(principal, shelf, id);
    const finish: PendingOutput["finish"] = (text, result) => {
      // Whoever is not known any more gets nothing.
      if (this.#shelves.get(principal) === shelf) {
        if (this.#hasRoomFor(text, principal)) {
          this.#put(principal, id, { text, ...result });
        } else shelf.putGone(id);
        this.#makeRoom(principal, shelf, id);
      }
      ended.resolve(true);
    };
    return { id, isShared: AT_ONCE, finish };
  };

  readonly find: OwnOutputs["find"] = (principal, id) => {
    this.#dropOld();
    return this.#shelves.get(principal)?.find(id) ?? null;
  };

  readonly adopt: OwnOutputs["adopt"] = (principal, id, { ageMs, ...answer }) => {
    const adopted = this.#put(principal, id, answer, this.#options.now() - ageMs);
    this.#makeRoom(principal, this.#shelfOf(principal), id);
    return adopted;
  };

  readonly forget: Outputs["forget"] = (principals) => {
    for (const principal of principals) {
      this.#shelves.get(principal)?.close();
      this.#shelves.delete(principal);
    }
  };

  #newId(shelf: Shelf): string {
    for (;;) {
      const id = `o-${randomLetters(this.#options.idLetters)}`;
      if (shelf.find(id) === null) return id;
    }
  }

  #shelfOf(principal: string): Shelf {
    return getOrAdd(this.#shelves, principal, () => new Shelf());
  }

  #hasRoomFor(text: string, principal: string): boolean {
    return Buffer.byteLength(text) <= this.#shareOf(this.#options.maxBytes, principal);
  }

  /** Before a long text is held once more, older ones go. */
  #put(
    principal: string,
    id: string,
    answer: EndedResult & { readonly text: string },
    keptAt = this.#options.now(),
  ): KeptAnswer {
    const shelf = this.#shelfOf(principal);
    const most = this.#shareOf(this.#options.maxBytes, principal) - Buffer.byteLength(answer.text);
    while (shelf.bytes > most && shelf.dropOldest(id));
    const kept = new KeptAnswer(answer.text, answer);
    shelf.putEnded(id, kept, keptAt);
    return kept;
  }

  #shareOf(total: number, principal: string): number {
    return this.#options.claimantOf(principal).isOperator ? total : shareOf(total);
  }

  #dropOld(): void {
    const since = this.#options.now() - this.#options.maxAgeMs;
    for (const shelf of this.#shelves.values()) shelf.dropOld(since);
  }

  /** Keeps a principal within its share, and all together within the bounds; `newest` stays. */
  #makeRoom(principal: string, shelf: Shelf, newest: string): void {
    const { maxBytes, maxIds } = this.#options;
    this.#dropOld();
    while (shelf.bytes > this.#shareOf(maxBytes, principal) && shelf.dropOldest(newest));
    while (shelf.ids > this.#shareOf(maxIds, principal) && shelf.forgetOldest(newest));
    while (
      this.#sum(bytesOf) > maxBytes &&
      this.#largestFirst(bytesOf).some((shelf) => shelf.dropOldest(newest))
    );
    while (
      this.#sum(idsOf) > maxIds &&
      this.#largestFirst(idsOf).some((shelf) => shelf.forgetOldest(newest))
    );
  }

  #sum(sizeOf: (shelf: Shelf) => number): number {
    return this.#shelves.values().reduce((sum, shelf) => sum + sizeOf(shelf), 0);
  }

  /** Whoever has most makes room, so that nobody loses much to others. */
  #largestFirst(sizeOf: (shelf: Shelf) => number): Shelf[] {
    return [...this.#shelves.values()].sort((a, b) => sizeOf(b) - sizeOf(a));
  }
}

const bytesOf = (shelf: Shelf) => shelf.bytes;
const idsOf = (shelf: Shelf) => shelf.ids;

/** Short enough for a model to repeat, without what looks alike. */
const LETTERS = "abcdefghjkmnpqrstuvwxyz23456789";

function randomLetters(count: number): string {
  const bytes = crypto.getRandomValues(new Uint8Array(count));
  return Array.from(bytes, (byte) => LETTERS[byte % LETTERS.length]).join("");
}
