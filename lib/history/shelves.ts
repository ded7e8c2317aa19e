import type { PastCall } from "./reader.ts";
import { Shelf } from "./shelf.ts";

/** Of each kind: about one host or none, and about several, of which each keeps all names. */
const MAX_OF_ONE = 1_000;
const MAX_OF_SEVERAL = 20;
/** Of one principal: on one host, and without. */
const MAX_OF_HOST = 8;
const MAX_WITHOUT = 100;

/** No host has such a name. */
const WITHOUT = "*none";
const WITH_SEVERAL = "*several";

/** Past calls of one kind. */
class Kind {
  readonly #ofOne = new Shelf({
    inAll: MAX_OF_ONE,
    ofPlace: (place) => place === WITHOUT ? MAX_WITHOUT : MAX_OF_HOST,
  });
  readonly #ofSeveral = new Shelf({ inAll: MAX_OF_SEVERAL, ofPlace: () => MAX_OF_SEVERAL });

  get shelves(): readonly Shelf[] {
    return [this.#ofOne, this.#ofSeveral];
  }

  add(place: string, call: PastCall): void {
    (place === WITH_SEVERAL ? this.#ofSeveral : this.#ofOne).add(place, call);
  }
}

/** Past calls, each kind and each principal by itself, so that no flood of one makes others forgotten. */
export class PastCalls {
  readonly #ok = new Kind();
  readonly #failed = new Kind();
  readonly #unknown = new Kind();
  #all: readonly PastCall[] | null = null;

  add(call: PastCall, isHost: (name: string) => boolean): void {
    this.#all = null;
    this.#kindOf(call).add(placeOf(call, isHost), call);
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
      principals.forEach((principal) => shelf.forgetPrincipal(principal));
    }
  }

  #shelves(): readonly Shelf[] {
    return [this.#ok, this.#failed, this.#unknown].flatMap(({ shelves }) => shelves);
  }

  #kindOf({ outcome }: PastCall): Kind {
    if (outcome === "ok") return this.#ok;
    return outcome === "unknown" ? this.#unknown : this.#failed;
  }
}

function placeOf({ names }: PastCall, isHost: (name: string) => boolean): string {
  const [first] = names;
  if (first === undefined || names.length === 1 && !isHost(first)) return WITHOUT;
  return names.length > 1 ? WITH_SEVERAL : first;
}
