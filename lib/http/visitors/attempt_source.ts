import { isLoopback } from "../../config/address.ts";
import type { RequestInfo } from "../handler.ts";
import { readCookie } from "./cookie.ts";

const MAX_ADDRESS_CHARS = 64;

/** Where a request comes from, as far as its address says. */
export interface AddressSource {
  readonly remote: Deno.Addr | null;
  /** The header `X-Forwarded-For`. */
  readonly forwardedFor: string | null;
}

/** Where an attempt to sign in comes from. */
export interface AttemptSource extends AddressSource {
  /** What the browser sends as the ids that it is known by. */
  readonly knownIds: readonly string[];
}

/** Where a request comes from, without what its browser is known by. */
export function addressSourceOf(
  { headers }: Pick<Request, "headers">,
  { remoteAddr }: Pick<RequestInfo, "remoteAddr">,
): AddressSource {
  return { remote: remoteAddr ?? null, forwardedFor: headers.get("x-forwarded-for") };
}

/** Where a request comes from. */
export function sourceOf(
  request: Request,
  info: Pick<RequestInfo, "remoteAddr">,
): AttemptSource {
  return { ...addressSourceOf(request, info), knownIds: readCookie(request, "known") };
}

/**
 * Whose share is used: that of an address, or of the network of an IPv6 address, of which every
 * customer has a whole one. A proxy on this machine adds last to `X-Forwarded-For` where a request
 * came from; nobody else is believed.
 */
export function addressOf({ remote, forwardedFor }: AddressSource): string {
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
