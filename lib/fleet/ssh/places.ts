import type { ClaimPlace } from "../../work/claims/on_host.ts";
import type { Claim, ClaimFolder } from "../../work/claims/protocol.ts";
import { hasBackend, type Host } from "../host.ts";

/** A folder that could not be used is not tried again for so long. */
const TRY_AGAIN_MS = 600_000;

/** Where calls over ssh are claimed on one host. */
export interface ClaimPlaces {
  /** Where to claim a call, in order; a text says why one with a key cannot be. */
  readonly of: (claim: Claim) => readonly ClaimPlace[] | string;
  /** Remembers that a call could not be claimed there. */
  readonly refuse: (place: ClaimPlace) => void;
}

/** Options of `createClaimPlaces()`. */
export interface PlacesOptions {
  /** Where the host's backend keeps its claims; null: it keeps none, undefined: not known. */
  readonly claims: () => ClaimFolder | null | undefined;
  /** Monotonic, in milliseconds. */
  readonly now: () => number;
}

const OWN: ClaimPlace = { kind: "own" };

/**
 * Makes the `ClaimPlaces` of a host. With an agent it is the agent's folder, so that what one has
 * claimed the other does not run. Else, or where the ssh user may not use that, it is the user's own,
 * but not for a call with a key: that must be where the agent looks, too.
 */
export function createClaimPlaces(host: Host, { claims, now }: PlacesOptions): ClaimPlaces {
  const refusedAt = new Map<string, number>();
  const isUsable = (place: ClaimPlace) =>
    now() - (refusedAt.get(nameOf(place)) ?? -Infinity) > TRY_AGAIN_MS;

  return {
    of: ({ digest }) => {
      const folder = hasBackend(host) ? claims() : null;
      const shared = folder ? [agentPlace(folder)] : [];
      if (digest === null) return [...shared, OWN].filter(isUsable);
      return folder === undefined ? NOT_KNOWN : folder === null ? [OWN] : shared;
    },
    refuse: (place) => {
      refusedAt.set(nameOf(place), now());
    },
  };
}

const NOT_KNOWN =
  "whether this key was used before is not known until the backend has said where it keeps its claims";

function nameOf(place: ClaimPlace): string {
  return place.kind === "agent" ? place.id : "";
}

function agentPlace({ directory, id, boot }: ClaimFolder): ClaimPlace {
  return { kind: "agent", directory, id, boot };
}
