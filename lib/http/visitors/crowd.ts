import { getOrAdd } from "../../base/get_or_add.ts";

/** Somebody who is being served. */
export interface Guest extends Disposable {
  /** Aborted when they must make room for somebody else. */
  readonly signal: AbortSignal;
}

/** Lets somebody in who comes from a place; disposed of, they have left. */
export type Admit = (place: string) => Guest;

/**
 * Serves strangers, up to a number at once. Where there are too many, the one who came first of the place
 * with the most of them must go: whoever is quick is served, however many others take their time.
 */
export function createCrowd(max: number): Admit {
  /** By place, those who came first at the beginning. None is empty. */
  const inside = new Map<string, Set<AbortController>>();
  let count = 0;

  function leave(place: string, guest: AbortController): void {
    const guests = inside.get(place);
    if (guests === undefined || !guests.delete(guest)) return;
    count--;
    if (guests.size === 0) inside.delete(place);
  }

  function shed(): void {
    const [most] = [...inside].sort(([, one], [, other]) => other.size - one.size);
    if (most === undefined) return;
    const [place, [first]] = most;
    if (first === undefined) return;
    leave(place, first);
    first.abort();
  }

  return function admit(place) {
    if (count >= max) shed();
    const guest = new AbortController();
    getOrAdd(inside, place, () => new Set<AbortController>()).add(guest);
    count++;
    return { signal: guest.signal, [Symbol.dispose]: () => leave(place, guest) };
  };
}
