import { isIP } from "node:net";
import { checkServerIdentity, type PeerCertificate } from "node:tls";

/** What is checked in place of the name of a server that has none. */
const NAMELESS = "localhost";

/** Why a certificate is not that of a server; undefined: it is. As `node:tls` wants it. */
export type IdentityCheck = (name: string, certificate: PeerCertificate) => Error | undefined;

/**
 * The check of the certificate of `HOST:PORT`. For one that is an address the client gives no name, and
 * `node:tls` would be content with a certificate of "localhost": it must be that of such a server.
 */
export function createIdentityCheck(servers: readonly string[]): IdentityCheck {
  const hosts = servers.map((server) => server.replace(/:\d+$/, "").replace(/^\[|\]$/g, ""));
  const nameless = hosts.filter((host) => host === NAMELESS || isIP(host) !== 0);
  return function checkIdentity(name, certificate) {
    if (name !== NAMELESS) return checkServerIdentity(name, certificate);
    const faults = nameless.map((host) => checkServerIdentity(host, certificate));
    return faults.includes(undefined) ? undefined : faults[0] ?? new Error("no server is named so");
  };
}
