import { getOrAdd } from "../base/get_or_add.ts";
import type { PastCall } from "./reader.ts";

interface Kept {
  readonly call: PastCall;
  /** Those of the same place, the oldest first. */
  readonly place: Kept[];
  isGone: boolean;
}

/** How many calls are kept. */
export interface ShelfBounds {
  readonly inAll: number;
  /** Of one place. */
  readonly ofPlace: (place: string) => number;
}

/**
 * Past calls of one kind. Each has a place, such as its host; one that is full lets go of its own
 * oldest, so that a busy one does not cost the others theirs.
 */
export class Shelf {
  readonly #bounds: ShelfBounds;
  readonly #places = new Map<string, Kept[]>();
  /** In the order in which they came; some are gone. */
  #queue: Kept[] = [];
  #count = 0;

  constructor(bounds: ShelfBounds) {
    this.#bounds = bounds;
  }

  add(placeName: string, call: PastCall): void {
    const place = getOrAdd(this.#places, placeName, (): Kept[] => []);
    const kept = { call, place, isGone: false };
    place.push(kept);
    this.#queue.push(kept);
    this.#count++;
    if (place.length > this.#bounds.ofPlace(placeName)) this.#drop(place.shift());
    if (this.#count > this.#bounds.inAll) this.#dropOldest();
    if (this.#queue.length > this.#count + this.#bounds.inAll / 4) this.#compact();
  }

  /** The oldest first. */
  read(): readonly PastCall[] {
    this.#compact();
    return this.#queue.map(({ call }) => call);
  }

  keepPlaces(isKept: (placeName: string) => boolean): void {
    for (const [name, place] of this.#places) {
      if (isKept(name)) continue;
      place.forEach((kept) => this.#drop(kept));
      this.#places.delete(name);
    }
    this.#compact();
  }

  keepCalls(isKept: (call: PastCall) => boolean): void {
    for (const kept of this.#queue) {
      if (kept.isGone || isKept(kept.call)) continue;
      kept.place.splice(kept.place.indexOf(kept), 1);
      this.#drop(kept);
    }
    this.#compact();
  }

  #drop(kept: Kept | undefined): void {
    if (kept === undefined) return;
    kept.isGone = true;
    this.#count--;
  }

  /** The oldest of all is the oldest of its place. */
  #dropOldest(): void {
    this.#drop(this.#queue.find(({ isGone }) => !isGone)?.place.shift());
  }

  #compact(): void {
    if (this.#queue.length > this.#count) this.#queue = this.#queue.filter(({ isGone }) => !isGone);
  }
}
