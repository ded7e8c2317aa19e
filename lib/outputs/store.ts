import { Buffer } from "node:buffer";
import { type Claimant, shareOf } from "../calls/claimant.ts";

/** What is kept of a call under an id. */
export type Output =
  /** It still runs. */
  | {
    readonly kind: "running";
    /** Monotonic, in milliseconds. */
    readonly startedAt: number;
    /** Settles when it has ended; never rejects. */
    readonly ended: Promise<void>;
    /** Ends it, as if its caller had cancelled it. */
    readonly end: () => void;
  }
  /** Its answer as UTF-8. */
  | { readonly kind: "ended"; readonly bytes: Uint8Array; readonly isError: boolean }
  /** Its answer had to go, since it was old or large. */
  | { readonly kind: "gone" };

/** What is known of an answer beside its text. */
export interface EndedResult {
  readonly isError: boolean;
}

/** A call that goes on, whose answer will be kept. */
export interface PendingOutput {
  readonly id: string;
  readonly finish: (text: string, result: EndedResult) => void;
}

/** The answers that are kept for those who asked for them: for a day, in a bounded space. */
export interface Outputs {
  /** Keeps an answer and returns its id; null: it is larger than one principal may have. */
  readonly keep: (principal: string, text: string, result: EndedResult) => string | null;
  /** Begins to keep a call that goes on. */
  readonly begin: (
    principal: string,
    call: { readonly startedAt: number; readonly end: () => void },
  ) => PendingOutput;
  /** What is kept under an id; null: nothing that this principal may see. */
  readonly find: (principal: string, id: string) => Output | null;
  /** Drops all that is kept for principals who are not known any more. */
  readonly forget: (principals: readonly string[]) => void;
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
  /** Ids that are remembered, also of what is gone; default 10,000. */
  readonly maxIds?: number;
}

interface Entry {
  readonly principal: string;
  output: Output;
  /** When it was kept. */
  keptAt: number;
}

/** Makes the place where answers are kept, in memory. */
export function createOutputs(options: OutputsOptions): Outputs {
  return new OutputStore(options);
}

class OutputStore implements Outputs {
  readonly #options: Required<OutputsOptions>;
  /** The oldest first. */
  readonly #entries = new Map<string, Entry>();
  #bytes = 0;

  constructor(options: OutputsOptions) {
    this.#options = {
      maxBytes: 64 * 1024 * 1024,
      maxAgeMs: 24 * 60 * 60 * 1000,
      maxIds: 10_000,
      ...options,
    };
  }

  readonly keep: Outputs["keep"] = (principal, text, result) => {
    if (Buffer.byteLength(text) > this.#shareOf(principal)) return null;
    const id = this.#newId();
    this.#put(id, { principal, output: endedOutput(text, result), keptAt: this.#options.now() });
    return id;
  };

  readonly begin: Outputs["begin"] = (principal, { startedAt, end }) => {
    const id = this.#newId();
    const ended = Promise.withResolvers<void>();
    const output: Output = { kind: "running", startedAt, ended: ended.promise, end };
    this.#put(id, { principal, output, keptAt: this.#options.now() });
    const finish: PendingOutput["finish"] = (text, result) => {
      // Whoever is not known any more gets nothing.
      if (this.#entries.get(id)?.principal === principal) {
        const isKept = Buffer.byteLength(text) <= this.#shareOf(principal);
        const output: Output = isKept ? endedOutput(text, result) : { kind: "gone" };
        this.#put(id, { principal, output, keptAt: this.#options.now() });
      }
      ended.resolve();
    };
    return { id, finish };
  };

  readonly find: Outputs["find"] = (principal, id) => {
    this.#dropOld();
    const entry = this.#entries.get(id);
    return entry?.principal === principal ? entry.output : null;
  };

  readonly forget: Outputs["forget"] = (principals) => {
    for (const [id, { principal }] of this.#entries) {
      if (principals.includes(principal)) this.#remove(id);
    }
  };

  #shareOf(principal: string): number {
    const { claimantOf, maxBytes } = this.#options;
    return claimantOf(principal).isOperator ? maxBytes : shareOf(maxBytes);
  }

  /** Puts an entry at the end, as the newest, and drops the oldest until all are within the bounds. */
  #put(id: string, entry: Entry): void {
    this.#remove(id);
    this.#entries.set(id, entry);
    this.#bytes += sizeOf(entry);
    this.#dropOld();
    this.#dropUntil(() => this.#bytesOf(entry.principal) <= this.#shareOf(entry.principal), {
      of: entry.principal,
    });
    this.#dropUntil(() => this.#bytes <= this.#options.maxBytes, { of: null });
    for (const [oldest, { output }] of this.#entries) {
      if (this.#entries.size <= this.#options.maxIds) break;
      if (output.kind !== "running") this.#remove(oldest);
    }
  }

  #dropOld(): void {
    const since = this.#options.now() - this.#options.maxAgeMs;
    for (const entry of this.#entries.values()) {
      if (entry.keptAt > since) break;
      this.#drop(entry);
    }
  }

  #dropUntil(isEnough: () => boolean, { of }: { readonly of: string | null }): void {
    for (const entry of this.#entries.values()) {
      if (isEnough()) break;
      if (of === null || entry.principal === of) this.#drop(entry);
    }
  }

  /** Its id is still known, so that whoever asks for it learns that it is gone. */
  #drop(entry: Entry): void {
    if (entry.output.kind !== "ended") return;
    this.#bytes -= sizeOf(entry);
    entry.output = { kind: "gone" };
  }

  #remove(id: string): void {
    const entry = this.#entries.get(id);
    if (entry === undefined) return;
    this.#bytes -= sizeOf(entry);
    this.#entries.delete(id);
  }

  #bytesOf(principal: string): number {
    return this.#entries.values()
      .filter((entry) => entry.principal === principal)
      .reduce((sum, entry) => sum + sizeOf(entry), 0);
  }

  #newId(): string {
    for (;;) {
      const id = `o-${randomLetters(6)}`;
      if (!this.#entries.has(id)) return id;
    }
  }
}

function endedOutput(text: string, { isError }: EndedResult): Output {
  return { kind: "ended", bytes: new TextEncoder().encode(text), isError };
}

function sizeOf({ output }: Entry): number {
  return output.kind === "ended" ? output.bytes.length : 0;
}

/** Short enough for a model to repeat, without what looks alike. */
const LETTERS = "abcdefghjkmnpqrstuvwxyz23456789";

function randomLetters(count: number): string {
  const bytes = crypto.getRandomValues(new Uint8Array(count));
  return Array.from(bytes, (byte) => LETTERS[byte % LETTERS.length]).join("");
}
