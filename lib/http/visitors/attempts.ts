import type { Clock } from "../../base/time/clock.ts";
import { AddressAllowances, OF_ONE } from "./address_allowances.ts";
import { Allowance } from "./allowance.ts";
import type { AttemptSource } from "./attempt_source.ts";
import { IdStore } from "./id_store.ts";

const KNOWN_BOUNDS = { max: 1_000, maxOfPrincipal: 64 };

/** A browser from which somebody has signed in. */
interface Known {
  readonly principal: string;
  readonly own: Allowance;
}

/** Bounds how often wrong tokens may be tried. */
export interface Attempts {
  /** How long to wait before any token may be tried from there, a right one as well; 0: not at all. */
  readonly waitMs: (source: AttemptSource) => number;
  /** A wrong token was tried. */
  readonly fail: (source: AttemptSource) => void;
  /** A right one was, by this principal; returns the id by which its browser is known from now on. */
  readonly remember: (principal: string) => string;
  /** Who has signed in from that browser before; null: it is not known. */
  readonly knownPrincipal: (source: Pick<AttemptSource, "knownIds">) => string | null;
}

/**
 * Makes `Attempts`. Whoever shares an address with an attacker, that of a proxy on another machine,
 * could be kept from signing in for as long as the attack lasts, and so could everybody by an
 * attacker with many addresses. Therefore a browser from which somebody has signed in before has an
 * allowance of its own, which no stranger can spend. Attempts that are refused prolong nothing, and
 * neither sessions nor bearer tokens are refused meanwhile.
 */
export function createAttempts({ now }: Pick<Clock, "now">): Attempts {
  const known = new IdStore<Known>(KNOWN_BOUNDS);
  const strangers = new AddressAllowances(now);

  function knownOf({ knownIds }: Pick<AttemptSource, "knownIds">): Known | undefined {
    return knownIds.flatMap((id) => known.use(id) ?? [])[0];
  }

  return {
    waitMs: (source) => {
      const browser = knownOf(source);
      return browser === undefined ? strangers.waitMs(source) : browser.own.waitMs();
    },
    fail: (source) => {
      const browser = knownOf(source);
      if (browser === undefined) strangers.spend(source);
      else browser.own.spend();
    },
    remember: (principal) => known.add({ principal, own: new Allowance(OF_ONE, now) }),
    knownPrincipal: (source) => knownOf(source)?.principal ?? null,
  };
}
