import type { Secret } from "../base/secret.ts";
import { type CallLimits, NO_LIMITS } from "../calls/quotas.ts";
import type { Configuration, LoadedConfiguration } from "../config/load.ts";
import { intersectOauth, type OauthSettings } from "../config/oauth.ts";
import type { Client } from "../fleet/client.ts";
import type { Registry } from "../fleet/host.ts";

/** Whose tokens are accepted. */
export interface Accepted {
  /** The hub's own; null: there is none, or it is accepted no more. */
  readonly inbound: Secret | null;
  /** By name. */
  readonly clients: ReadonlyMap<string, Client>;
  /** Whose other tokens may name a client; null: nobody's. */
  readonly oauth: OauthSettings | null;
}

/** All those whom a configuration names. */
export function acceptAll({ settings, registry, oauth }: Configuration): Accepted {
  return { inbound: settings.token, clients: registry.clients, oauth };
}

/**
 * Those of an older configuration whom the files still name as they are now, although there is an error
 * in them. Whoever is gone, or has another token or none, is out; what a client may no longer do, it
 * may not. A registry that cannot be parsed says nothing of its clients.
 */
export function acceptStillNamed(
  older: Configuration,
  { configuration: { settings, registry, oauth: newer }, statedTokens, statesOauth }:
    LoadedConfiguration,
): Accepted {
  const isSame = (a: Secret | null | undefined, b: Secret | null) =>
    a !== undefined && a?.reveal() === b?.reveal();
  const { token } = older.settings;
  const inbound = token !== null && isSame(settings.token, token) ? token : null;
  if (statedTokens === null) {
    return { inbound, clients: older.registry.clients, oauth: older.oauth };
  }
  const oauth = intersectOauth(older.oauth, { newer, isStated: statesOauth });
  const clients = [...older.registry.clients]
    .filter(([name, { token }]) =>
      isSame(statedTokens.get(name), token) && (token !== null || oauth !== null)
    )
    .map(([name, client]) => {
      const narrowed = narrow(client, registry.clients.get(name));
      return [name, withCommandsOf(registry, narrowed)] as const;
    });
  return { inbound, clients: new Map(clients), oauth };
}

/** What a client may do as both versions of it say; undefined: the newer one has an error. */
function narrow(older: Client, newer: Client | undefined): Client {
  if (newer === undefined) return older;
  const commands = intersect(older.commands ?? null, newer.commands ?? null);
  return {
    ...older,
    ...(commands && { commands }),
    hosts: intersect(older.hosts, newer.hosts),
    maxTimeoutMs: lower(older.maxTimeoutMs, newer.maxTimeoutMs),
    limits: lowerLimits(older.limits, newer.limits),
    rules: {
      tools: intersect(older.rules.tools, newer.rules.tools),
      readOnly: older.rules.readOnly || newer.rules.readOnly,
    },
  };
}

function lowerLimits(
  { perMinute, atOnce }: CallLimits = NO_LIMITS,
  newer: CallLimits = NO_LIMITS,
): CallLimits {
  return {
    perMinute: lower(perMinute, newer.perMinute),
    atOnce: lower(atOnce, newer.atOnce),
  };
}

/** A client that may run some commands alone, without those that are no longer there. */
function withCommandsOf({ commands = new Map() }: Registry, client: Client): Client {
  if (client.commands === undefined) return client;
  const left = [...client.commands].filter((name) => commands.has(name));
  return { ...client, commands: new Set(left) };
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

/** The hosts before a change, and after it. */
interface HostsChange {
  readonly before: Registry["hosts"];
  readonly now: Registry["hosts"];
}

/**
 * The clients that are still accepted, and may do less than before. What agents that are listed by
 * themselves take back, by leaving or with their tags, does not count: each could have what is kept
 * for others forgotten.
 */
export function findNarrowed(before: Accepted, now: Accepted, hosts: HostsChange): string[] {
  return [...now.clients].flatMap(([name, client]) => {
    const older = before.clients.get(name);
    return older !== undefined && mayLess(client, withoutWithdrawn(older, hosts)) ? [name] : [];
  });
}

function withoutWithdrawn(client: Client, { before, now }: HostsChange): Client {
  if (client.hosts === null) return client;
  const isKept = (name: string) => {
    const host = before.get(name);
    return !host?.isDiscovered || now.get(name)?.tags.join(" ") === host.tags.join(" ");
  };
  return { ...client, hosts: new Set([...client.hosts].filter(isKept)) };
}

function mayLess(newer: Client, older: Client): boolean {
  return lacks(newer.hosts, older.hosts) || lacks(newer.rules.tools, older.rules.tools) ||
    lacks(newer.commands ?? null, older.commands ?? null) ||
    newer.rules.readOnly && !older.rules.readOnly;
}

/** Null: everything. */
function lacks(newer: ReadonlySet<string> | null, older: ReadonlySet<string> | null): boolean {
  return newer !== null && (older === null || !older.isSubsetOf(newer));
}
