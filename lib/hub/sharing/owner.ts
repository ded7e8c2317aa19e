import { createHash } from "node:crypto";
import { OWN_PRINCIPALS } from "../../fleet/client.ts";
import type { Registry } from "../../fleet/host.ts";
import type { HubState } from "../state.ts";

/** What says who may do what. */
interface RightsState extends Pick<HubState, "accepted"> {
  readonly configuration: { readonly registry: Pick<Registry, "hosts"> };
}

/**
 * What a principal owns is known by, among hubs: by its name and its rights, so that one that may do
 * less than before finds nothing of what it could read then, even if all hubs were restarted between.
 * Null: it is not accepted any more.
 */
export function ownerOf(
  principal: string,
  { accepted: { inbound, clients }, configuration: { registry } }: RightsState,
): string | null {
  if (OWN_PRINCIPALS.has(principal)) {
    return principal === "default" && inbound === null ? null : hash([principal]);
  }
  const client = clients.get(principal);
  if (client === undefined) return null;
  const { rules, commands = null } = client;
  // Which hosts announce themselves is known to each hub at another time.
  const isNamed = (name: string) => registry.hosts.get(name)?.isDiscovered !== true;
  const hosts = client.hosts && new Set([...client.hosts].filter(isNamed));
  return hash([principal, list(hosts), list(rules.tools), rules.readOnly, list(commands)]);
}

function list(names: ReadonlySet<string> | null): readonly string[] | null {
  return names && [...names].sort();
}

function hash(value: unknown): string {
  return createHash("sha256").update(JSON.stringify(value)).digest("base64url").slice(0, 32);
}
