import { isDeepStrictEqual } from "node:util";
import type { Host, Registry } from "../../fleet/host.ts";

/**
 * The newer registry with the older one's objects for hosts that have not changed: what is known
 * of a host (whether it is up, its connections, calls under way) is remembered by object.
 */
export function reuseHosts(older: Registry, newer: Registry): Registry {
  const hosts = [...newer.hosts].map(([name, host]) => {
    const known = older.hosts.get(name);
    return [name, known !== undefined && isSameHost(known, host) ? known : host] as const;
  });
  return { ...newer, hosts: new Map(hosts) };
}

/** A `Secret` hides its text from comparisons too. */
function isSameHost(a: Host, b: Host): boolean {
  return a.token?.reveal() === b.token?.reveal() &&
    isDeepStrictEqual({ ...a, token: null }, { ...b, token: null });
}
