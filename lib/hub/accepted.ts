import type { Secret } from "../base/secret.ts";
import type { Configuration, LoadedConfiguration } from "../config/load.ts";
import type { Client } from "../fleet/client.ts";

/** Whose tokens are accepted. */
export interface Accepted {
  /** The hub's own; null: there is none, or it is accepted no more. */
  readonly inbound: Secret | null;
  /** By name. */
  readonly clients: ReadonlyMap<string, Client>;
}

/** All those whom a configuration names. */
export function acceptAll({ settings, registry }: Configuration): Accepted {
  return { inbound: settings.token, clients: registry.clients };
}

/**
 * Those of an older configuration whom the files still name as they are now, although there is an error
 * in them. Whoever is gone, or has another token or none, is out; what a client may no longer do, it
 * may not. A registry that cannot be parsed says nothing of its clients.
 */
export function acceptStillNamed(
  older: Configuration,
  { configuration: { settings, registry }, statedTokens }: LoadedConfiguration,
): Accepted {
  const isSame = (a: Secret | null | undefined, b: Secret) => a?.reveal() === b.reveal();
  const { token } = older.settings;
  const inbound = token !== null && isSame(settings.token, token) ? token : null;
  if (statedTokens === null) return { inbound, clients: older.registry.clients };
  const clients = [...older.registry.clients]
    .filter(([name, { token }]) => isSame(statedTokens.get(name), token))
    .map(([name, client]) => [name, narrow(client, registry.clients.get(name))] as const);
  return { inbound, clients: new Map(clients) };
}

/** What a client may do as both versions of it say; undefined: the newer one has an error. */
function narrow(older: Client, newer: Client | undefined): Client {
  if (newer === undefined) return older;
  return {
    ...older,
    hosts: intersect(older.hosts, newer.hosts),
    maxTimeoutMs: lower(older.maxTimeoutMs, newer.maxTimeoutMs),
    rules: {
      tools: intersect(older.rules.tools, newer.rules.tools),
      readOnly: older.rules.readOnly || newer.rules.readOnly,
    },
  };
}

/** Null: no limit. */
function lower(a: number | null, b: number | null): number | null {
  return a === null || b === null ? a ?? b : Math.min(a, b);
}

/** Null: everything. */
function intersect(
  a: ReadonlySet<string> | null,
  b: ReadonlySet<string> | null,
): ReadonlySet<string> | null {
  if (a === null || b === null) return a ?? b;
  return new Set([...a].filter((item) => b.has(item)));
}

/** The principals that were accepted, and are no more. */
export function findGone(before: Accepted, now: Accepted): string[] {
  const clients = [...before.clients.keys()].filter((name) => !now.clients.has(name));
  return before.inbound !== null && now.inbound === null ? ["default", ...clients] : clients;
}

/** The clients that are still accepted, and may do less than before. */
export function findNarrowed(before: Accepted, now: Accepted): string[] {
  return [...now.clients].flatMap(([name, client]) => {
    const older = before.clients.get(name);
    return older !== undefined && mayLess(client, older) ? [name] : [];
  });
}

function mayLess(newer: Client, older: Client): boolean {
  return lacks(newer.hosts, older.hosts) || lacks(newer.rules.tools, older.rules.tools) ||
    newer.rules.readOnly && !older.rules.readOnly;
}

/** Null: everything. */
function lacks(newer: ReadonlySet<string> | null, older: ReadonlySet<string> | null): boolean {
  return newer !== null && (older === null || !older.isSubsetOf(newer));
}
