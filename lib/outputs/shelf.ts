import type { KeptAnswer, ReadAnswer } from "./kept.ts";

/** What is kept of a call under an id. */
export type Output =
  /** It still runs. */
  | {
    readonly kind: "running";
    /** Monotonic, in milliseconds. */
    readonly startedAt: number;
    /** Waits for its end, at most so long; false: it still runs. Never rejects. */
    readonly waitForEnd: (ms: number, signal: AbortSignal) => Promise<boolean>;
    /** Ends it, as if its caller had cancelled it. */
    readonly end: () => void;
    /** How far it has come; null, or absent: that is not known. */
    readonly state?: () => string | null;
  }
  | KeptAnswer
  /** Its answer had to go, since it was old or large. */
  | { readonly kind: "gone" };

/** What is known of a call that still runs. */
export type RunningOutput = Extract<Output, { kind: "running" }>;

/** What can be said of an id that was asked for. */
export type FoundOutput =
  | Exclude<Output, KeptAnswer>
  | EndedOutput
  /** Another hub ran the call, and cannot be reached: it is gone, or cut off from the others. */
  | { readonly kind: "lost" }
  /** Only another hub may know it, and what hubs share cannot be reached now. */
  | { readonly kind: "out of reach" };

/** An answer, wherever it is kept. */
export interface EndedOutput {
  readonly kind: "ended";
  readonly isError: boolean;
  /** To be called once, and what it returns to be disposed of. */
  readonly read: () => ReadAnswer;
}

interface KeptOutput {
  readonly output: KeptAnswer;
  readonly keptAt: number;
}

const GONE: Output = { kind: "gone" };

/** What is kept for one principal, each under one id. Nothing takes time that grows with their number. */
export class Shelf {
  readonly #running = new Map<string, RunningOutput>();
  /** The oldest first. */
  readonly #ended = new Map<string, KeptOutput>();
  /** Ids of answers that had to go, so that whoever asks for them learns that; the oldest first. */
  readonly #gone = new Set<string>();
  #bytes = 0;

  /** Of all answers. */
  get bytes(): number {
    return this.#bytes;
  }

  /** How many ids are known. */
  get ids(): number {
    return this.#running.size + this.#ended.size + this.#gone.size;
  }

  find(id: string): Output | null {
    return this.#running.get(id) ?? this.#ended.get(id)?.output ??
      (this.#gone.has(id) ? GONE : null);
  }

  putRunning(id: string, output: RunningOutput): void {
    this.#running.set(id, output);
  }

  /** Puts an answer in the place of the call that ran under this id, if one did. */
  putEnded(id: string, output: KeptAnswer, keptAt: number): void {
    this.#running.delete(id);
    this.#gone.delete(id);
    this.#ended.set(id, { output, keptAt });
    this.#bytes += output.length;
  }

  putGone(id: string): void {
    this.#running.delete(id);
    this.#gone.add(id);
  }

  /** Drops the answers that were kept no later than `since`. */
  dropOld(since: number): void {
    for (const [id, { keptAt }] of this.#ended) {
      if (keptAt > since) break;
      this.#drop(id);
    }
  }

  /** Drops the oldest answer, but not the newest one, `spared`; false: there is no other. */
  dropOldest(spared: string): boolean {
    const [id = spared] = this.#ended.keys();
    if (id === spared) return false;
    this.#drop(id);
    return true;
  }

  /** Forgets the oldest id, unless its call runs or it is `spared`; false: there is no other. */
  forgetOldest(spared: string): boolean {
    if (this.#gone.size === 0) this.dropOldest(spared);
    const [id] = this.#gone;
    return id !== undefined && this.#gone.delete(id);
  }

  /** Drops all answers, as nobody may ask for them any more. */
  close(): void {
    for (const id of [...this.#ended.keys()]) this.#drop(id);
  }

  #drop(id: string): void {
    const output = this.#ended.get(id)?.output;
    this.#bytes -= output?.length ?? 0;
    output?.drop();
    this.#ended.delete(id);
    this.#gone.add(id);
  }
}
