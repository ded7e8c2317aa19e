import type { Clock } from "../../base/time/clock.ts";
import { isLoopback } from "../../config/address.ts";
import { Allowance } from "./allowance.ts";
import { IdStore } from "./id_store.ts";

/** Wrong tokens of one address, or of one known browser, and of all addresses together. */
const OF_ONE = { burst: 10, refillMs: 30_000 };
const OF_ALL = { burst: 100, refillMs: 3_000 };
const MAX_ADDRESSES = 1_000;
const MAX_ADDRESS_CHARS = 64;
const KNOWN_BOUNDS = { max: 1_000, maxOfPrincipal: 64 };

/** Where an attempt to sign in comes from. */
export interface AttemptSource {
  readonly remote: Deno.Addr | null;
  /** The header `X-Forwarded-For`. */
  readonly forwardedFor: string | null;
  /** What the browser sends as the ids that `remember()` returned. */
  readonly knownIds: readonly string[];
}

/** Bounds how often wrong tokens may be tried. */
export interface Attempts {
  /** How long to wait before any token may be tried from there, a right one as well; 0: not at all. */
  readonly waitMs: (source: AttemptSource) => number;
  /** A wrong token was tried. */
  readonly fail: (source: AttemptSource) => void;
  /** A right one was, by this principal; returns the id by which its browser is known from now on. */
  readonly remember: (principal: string) => string;
}

/**
 * Makes `Attempts`. Whoever shares an address with an attacker, that of a proxy on another machine,
 * could be kept from signing in for as long as the attack lasts, and so could everybody by an
 * attacker with many addresses. Therefore a browser from which somebody has signed in before has an
 * allowance of its own, which no stranger can spend. Attempts that are refused prolong nothing, and
 * neither sessions nor bearer tokens are refused meanwhile.
 */
export function createAttempts({ now }: Pick<Clock, "now">): Attempts {
  const known = new IdStore<{ readonly principal: string; readonly own: Allowance }>(KNOWN_BOUNDS);
  const ofAll = new Allowance(OF_ALL, now);
  /** Of those from where a wrong token was tried. */
  const byAddress = new Map<string, Allowance>();

  function knownOf({ knownIds }: AttemptSource): Allowance | undefined {
    return knownIds.flatMap((id) => known.use(id)?.own ?? [])[0];
  }

  function addAddress(address: string): Allowance {
    const [first] = byAddress.keys();
    if (byAddress.size >= MAX_ADDRESSES && first !== undefined) byAddress.delete(first);
    const allowance = new Allowance(OF_ONE, now);
    byAddress.set(address, allowance);
    return allowance;
  }

  return {
    waitMs: (source) => {
      const own = knownOf(source);
      if (own !== undefined) return own.waitMs();
      return Math.max(ofAll.waitMs(), byAddress.get(addressOf(source))?.waitMs() ?? 0);
    },
    fail: (source) => {
      const own = knownOf(source);
      if (own !== undefined) return own.spend();
      const address = addressOf(source);
      ofAll.spend();
      (byAddress.get(address) ?? addAddress(address)).spend();
    },
    remember: (principal) => known.add({ principal, own: new Allowance(OF_ONE, now) }),
  };
}

/**
 * Whose allowance is spent: an address, or the network of an IPv6 address, of which every customer has
 * a whole one. A proxy on this machine adds last to `X-Forwarded-For` where a request came from;
 * nobody else is believed.
 */
function addressOf({ remote, forwardedFor }: AttemptSource): string {
  if (remote === null || !("hostname" in remote)) return "";
  const { hostname } = remote;
  const forwarded = isLoopback(hostname) ? forwardedFor?.split(",").at(-1)?.trim() : undefined;
  return networkOf((forwarded ?? hostname).slice(0, MAX_ADDRESS_CHARS));
}

/** The first half of an IPv6 address; another one as it is. */
function networkOf(address: string): string {
  const ipv6 = URL.parse(`http://[${address.replace(/%.*/, "")}]`)?.hostname.slice(1, -1);
  if (ipv6 === undefined || ipv6.startsWith("::ffff:")) return ipv6 ?? address;
  const [head = ""] = ipv6.split("::");
  return head.split(":").slice(0, 4).join(":");
}
