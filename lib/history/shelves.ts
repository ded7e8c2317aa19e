import type { PastCall } from "./reader.ts";
import { Shelf } from "./shelf.ts";

/** Of each kind. */
const MAX_IN_ALL = 1_000;
/** Of one host, and of those without and with several. */
const MAX_OF_HOST = 8;
const MAX_WITHOUT = 100;
const MAX_WITH_SEVERAL = 20;

/** No host has such a name. */
const WITHOUT = "*none";
const WITH_SEVERAL = "*several";

const BOUNDS = {
  inAll: MAX_IN_ALL,
  ofPlace: (place: string) =>
    place === WITHOUT ? MAX_WITHOUT : place === WITH_SEVERAL ? MAX_WITH_SEVERAL : MAX_OF_HOST,
};

/** Past calls, each kind by itself, so that no flood of one makes the others forgotten. */
export class PastCalls {
  readonly #ok = new Shelf(BOUNDS);
  readonly #failed = new Shelf(BOUNDS);
  readonly #unknown = new Shelf(BOUNDS);
  #all: readonly PastCall[] | null = null;

  add(call: PastCall, isHost: (name: string) => boolean): void {
    this.#all = null;
    this.#shelfOf(call).add(placeOf(call, isHost), call);
  }

  /** The newest first; the same array while nothing has changed. */
  read(): readonly PastCall[] {
    return this.#all ??= this.#shelves().flatMap((shelf) => shelf.read().toReversed())
      .sort((a, b) => b.endedAt - a.endedAt);
  }

  keepHosts(isHost: (name: string) => boolean): void {
    this.#all = null;
    for (const shelf of this.#shelves()) {
      shelf.keepPlaces((place) => place === WITHOUT || place === WITH_SEVERAL || isHost(place));
    }
  }

  forgetPrincipals(principals: readonly string[]): void {
    this.#all = null;
    for (const shelf of this.#shelves()) {
      shelf.keepCalls(({ principal }) => !principals.includes(principal));
    }
  }

  #shelves(): readonly Shelf[] {
    return [this.#ok, this.#failed, this.#unknown];
  }

  #shelfOf({ outcome }: PastCall): Shelf {
    if (outcome === "ok") return this.#ok;
    return outcome === "unknown" ? this.#unknown : this.#failed;
  }
}

function placeOf({ names }: PastCall, isHost: (name: string) => boolean): string {
  const [first] = names;
  if (first === undefined || names.length === 1 && !isHost(first)) return WITHOUT;
  return names.length > 1 ? WITH_SEVERAL : first;
}
