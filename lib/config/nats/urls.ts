import { parsePort } from "../address.ts";

/** Servers of NATS. */
export interface NatsServers {
  /** `HOST:PORT` of each. */
  readonly servers: readonly string[];
  /** Whether one of them was named with `tls://`. */
  readonly needsTls: boolean;
}

const DEFAULT_PORT = 4222;

/** Reads URLs by comma, `nats://HOST:PORT` or `tls://HOST:PORT`; null: one is no such URL. */
export function parseNatsUrls(text: string): NatsServers | null {
  const urls = text.split(",").map((url) => parseNatsUrl(url.trim()));
  const known = urls.filter((url) => url !== null);
  if (known.length < urls.length) return null;
  return {
    servers: known.map(({ server }) => server),
    needsTls: known.some(({ isTls }) => isTls),
  };
}

function parseNatsUrl(text: string): { readonly server: string; readonly isTls: boolean } | null {
  const [, scheme = "nats", host = "", port = String(DEFAULT_PORT)] =
    /^(?:(nats|tls):\/\/)?([A-Za-z0-9._-]+|\[[0-9a-fA-F:.]+\])(?::(\d+))?\/?$/.exec(text) ?? [];
  const number = parsePort(port);
  if (host === "" || number === null || number === 0) return null;
  return { server: `${host}:${number}`, isTls: scheme === "tls" };
}
