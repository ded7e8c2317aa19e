import type { DayCounts } from "./reader.ts";
import { Day } from "./day.ts";

/** Clients that are counted by themselves. */
const MAX_CLIENTS = 32;

const NO_CALLS: DayCounts = { all: 0, unknown: 0, byMinute: new Array(60).fill(0) };

/** Counts calls by minute: all of them, and those of each client. Operators see all. */
export class CallCounts {
  readonly #all = new Day();
  /** Whose calls were counted last comes last. */
  readonly #byClient = new Map<string, Day>();
  #last: string | null = null;

  /** Null: an operator. */
  add(client: string | null, isUnknown: boolean, now: number): void {
    this.#all.add(isUnknown, now);
    if (client !== null) this.#dayOf(client).add(isUnknown, now);
  }

  /** Null: those of all. */
  read(client: string | null, now: number): DayCounts {
    return (client === null ? this.#all : this.#byClient.get(client))?.read(now) ?? NO_CALLS;
  }

  forget(client: string): void {
    this.#byClient.delete(client);
    this.#last = null;
  }

  #dayOf(client: string): Day {
    const day = this.#byClient.get(client) ?? new Day();
    if (this.#last === client) return day;
    this.#last = client;
    this.#byClient.delete(client);
    this.#byClient.set(client, day);
    const [longestIdle] = this.#byClient.keys();
    if (this.#byClient.size > MAX_CLIENTS && longestIdle !== undefined) {
      this.#byClient.delete(longestIdle);
    }
    return day;
  }
}
