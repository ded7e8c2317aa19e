import type { Table } from "../../shared/table.ts";
import { ALL_RECORDS, type OutputRecord, readRecord } from "./record.ts";

/** A record, where it is, and which version of it. */
export interface Known {
  readonly key: string;
  readonly record: OutputRecord;
  readonly revision: number;
}

/** What is kept for one principal. */
export interface Holding {
  readonly principal: string;
  readonly known: readonly Known[];
  readonly bytes: number;
}

/** All records that the table holds, as far as this hub has heard. */
export class Directory {
  readonly #known = new Map<string, Known>();
  /** The newest version that was heard of, and who waits for which. */
  #heard = 0;
  readonly #waiting = new Map<() => void, number>();
  readonly #unwatch: () => void;

  constructor(table: Table) {
    this.#unwatch = table.watch(ALL_RECORDS, (change) => {
      switch (change.kind) {
        case "put": {
          const { key, value, revision } = change.entry;
          const record = readRecord(value);
          if (record !== null) this.put({ key, record, revision });
          return this.#hear(revision);
        }
        case "removed":
          return this.drop(change.key);
        case "complete":
          for (const key of this.#known.keys()) if (!change.keys.has(key)) this.drop(key);
      }
    });
  }

  /** An older version changes nothing. */
  put(known: Known): void {
    const before = this.#known.get(known.key);
    if (before !== undefined && before.revision > known.revision) return;
    // What was written last comes last.
    this.#known.delete(known.key);
    this.#known.set(known.key, known);
  }

  /** Resolves when all is known that was written up to a version. It can take for ever. */
  heard(revision: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    if (revision <= this.#heard) resolve();
    else this.#waiting.set(resolve, revision);
    return promise;
  }

  drop(key: string): void {
    this.#known.delete(key);
  }

  /** Those that were written before, whom the table lets go of by itself without a word. */
  dropOlder(than: number): void {
    for (const { key, record } of this.#known.values()) if (record.at < than) this.drop(key);
  }

  /** The oldest first. */
  list(): readonly Known[] {
    return [...this.#known.values()];
  }

  /** What is kept for each principal. */
  holdings(): Holding[] {
    const byPrincipal = Map.groupBy(this.#known.values(), ({ record }) => record.principal);
    return [...byPrincipal].map(([principal, known]) => ({
      principal,
      known,
      bytes: sumBytes(known),
    }));
  }

  close(): void {
    this.#unwatch();
    this.#hear(Infinity);
  }

  #hear(revision: number): void {
    this.#heard = Math.max(this.#heard, revision);
    for (const [resolve, wanted] of this.#waiting) {
      if (wanted > this.#heard) continue;
      this.#waiting.delete(resolve);
      resolve();
    }
  }
}

/** Bytes of all answers. */
export function sumBytes(known: readonly Known[]): number {
  return known.reduce((sum, { record }) => sum + (record.kind === "ended" ? record.bytes : 0), 0);
}
