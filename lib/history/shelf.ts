import { getOrAdd } from "../base/get_or_add.ts";
import type { PastCall } from "./reader.ts";

interface Kept {
  readonly call: PastCall;
  readonly place: Place;
  /** The one that came after it at its place; null: it was the last. */
  next: Kept | null;
  isGone: boolean;
}

/** What is kept of one principal at one place. An array of its own would take more than all else of it. */
interface Place {
  readonly name: string;
  readonly owner: Owner;
  first: Kept | null;
  last: Kept | null;
  count: number;
}

/** What is kept of one principal; no place is empty. */
interface Owner {
  readonly name: string;
  readonly places: Map<string, Place>;
  count: number;
}

/** How many calls are kept. */
export interface ShelfBounds {
  readonly inAll: number;
  /** Of one place, for each principal. */
  readonly ofPlace: (place: string) => number;
}

/**
 * Past calls of one kind. Each has a place, such as its host; one that is full lets go of its own
 * oldest, so that a busy one does not cost the others theirs. Where there are too many in all, whoever
 * has most of them does.
 */
export class Shelf {
  readonly #bounds: ShelfBounds;
  readonly #owners = new Map<string, Owner>();
  /** In the order in which they came; some are gone. */
  #queue: Kept[] = [];
  #count = 0;

  constructor(bounds: ShelfBounds) {
    this.#bounds = bounds;
  }

  add(placeName: string, call: PastCall): void {
    const place = this.#placeOf(call.principal, placeName);
    const kept = { call, place, next: null, isGone: false };
    if (place.last === null) place.first = kept;
    else place.last.next = kept;
    place.last = kept;
    place.count++;
    this.#queue.push(kept);
    this.#count++;
    place.owner.count++;
    if (place.count > this.#bounds.ofPlace(placeName)) this.#dropFirst(place);
    if (this.#count > this.#bounds.inAll) this.#dropOldest();
    if (this.#queue.length > this.#count + this.#bounds.inAll / 4) this.#compact();
  }

  /** The oldest first. */
  read(): readonly PastCall[] {
    this.#compact();
    return this.#queue.map(({ call }) => call);
  }

  keepPlaces(isKept: (placeName: string) => boolean): void {
    for (const owner of this.#owners.values()) {
      for (const place of owner.places.values()) if (!isKept(place.name)) this.#empty(place);
    }
    this.#compact();
  }

  forgetPrincipal(principal: string): void {
    for (const place of this.#owners.get(principal)?.places.values() ?? []) this.#empty(place);
    this.#compact();
  }

  #placeOf(principal: string, name: string): Place {
    const owner = getOrAdd(
      this.#owners,
      principal,
      (): Owner => ({ name: principal, places: new Map(), count: 0 }),
    );
    return getOrAdd(
      owner.places,
      name,
      (): Place => ({ name, owner, first: null, last: null, count: 0 }),
    );
  }

  #empty(place: Place): void {
    while (place.count > 0) this.#dropFirst(place);
  }

  #dropFirst(place: Place): void {
    const { name, owner, first } = place;
    if (first === null) return;
    first.isGone = true;
    place.first = first.next;
    place.count--;
    owner.count--;
    this.#count--;
    if (place.count === 0) owner.places.delete(name);
    if (owner.count === 0) this.#owners.delete(owner.name);
  }

  /** The oldest of a principal is the oldest of its place. */
  #dropOldest(): void {
    let most: Owner | null = null;
    for (const owner of this.#owners.values()) {
      if (most === null || owner.count > most.count) most = owner;
    }
    const first = this.#queue.find(({ isGone, place }) => !isGone && place.owner === most);
    if (first !== undefined) this.#dropFirst(first.place);
  }

  #compact(): void {
    if (this.#queue.length > this.#count) this.#queue = this.#queue.filter(({ isGone }) => !isGone);
  }
}
