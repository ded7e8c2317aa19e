import type { DayCounts } from "./reader.ts";

/** Minutes that are counted by themselves. */
const DAY_MINUTES = 24 * 60;
/** Minutes that are shown by themselves. */
const HOUR_MINUTES = 60;

/** Counts calls by minute, for a day, in 12 kB. */
export class Day {
  readonly #all = new Uint32Array(DAY_MINUTES);
  readonly #unknown = new Uint32Array(DAY_MINUTES);
  #sums = { all: 0, unknown: 0 };
  /** Since 1970; a clock that was set back is waited for. */
  #minute = -Infinity;

  add(isUnknown: boolean, now: number): void {
    this.#advance(now);
    const place = this.#minute % DAY_MINUTES;
    this.#all[place] = (this.#all[place] ?? 0) + 1;
    this.#sums.all++;
    if (!isUnknown) return;
    this.#unknown[place] = (this.#unknown[place] ?? 0) + 1;
    this.#sums.unknown++;
  }

  read(now: number): DayCounts {
    this.#advance(now);
    const byMinute = Array.from(
      { length: HOUR_MINUTES },
      (_, index) => this.#all[(this.#minute - HOUR_MINUTES + 1 + index) % DAY_MINUTES] ?? 0,
    );
    return { ...this.#sums, byMinute };
  }

  #advance(now: number): void {
    const minute = Math.floor(now / 60_000);
    const first = Math.max(this.#minute + 1, minute - DAY_MINUTES + 1);
    for (let fresh = first; fresh <= minute; fresh++) {
      const place = fresh % DAY_MINUTES;
      this.#sums.all -= this.#all[place] ?? 0;
      this.#sums.unknown -= this.#unknown[place] ?? 0;
      this.#all[place] = this.#unknown[place] = 0;
    }
    this.#minute = Math.max(this.#minute, minute);
  }
}
