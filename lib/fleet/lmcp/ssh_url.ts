import type { Host } from "../host.ts";

/** Where a backend listens that only its own host can reach: `ssh://[USER@]HOST[:PORT]/PATH`. */
export interface SshUrl {
  /** `[USER@]HOST`, for ssh as it stands there, so that the aliases of its configuration work. */
  readonly destination: string;
  /** The backend's, on the host's loopback address. */
  readonly port: number;
  /** Path and query. */
  readonly path: string;
}

/** Where an agent listens by default. */
const DEFAULT_PORT = 8080;

/** Parses such a URL; null: it is none. */
export function parseSshUrl(text: string): SshUrl | null {
  const url = URL.parse(text);
  const [, user = "", host = ""] = /^ssh:\/\/([^/?#\\]*@)?([^/?#\\@]+)/i.exec(text) ?? [];
  const name = host.replace(/:\d*$/, "").replace(/^\[(.*)\]$/, "$1");
  if (url === null || name === "") return null;
  return {
    destination: user + name,
    port: url.port === "" ? DEFAULT_PORT : Number(url.port),
    path: (url.pathname || "/") + url.search,
  };
}

/** Whether a host's backend is reached through ssh. */
export function isBehindSsh({ lmcpUrl }: Pick<Host, "lmcpUrl">): boolean {
  return lmcpUrl !== null && parseSshUrl(lmcpUrl) !== null;
}

/** Whether ssh is used for a host at all. */
export function usesSsh(host: Pick<Host, "sshHost" | "lmcpUrl">): boolean {
  return host.sshHost !== null || isBehindSsh(host);
}
