import type { ConfigSources } from "../sources.ts";
import type { Problem } from "../../base/problem.ts";
import type { Secret } from "../../base/secret.ts";
import type { Client } from "../../fleet/client.ts";
import { readClient } from "./client.ts";
import type { RegistryContent } from "./entry.ts";
import { isTable } from "./lines.ts";
import { hostSchema } from "./schema.ts";

/** What a registry's clients are read with. */
export interface ClientsContext {
  /** The registry's path. */
  readonly path: string;
  readonly sources: ConfigSources;
  /** The hub's own inbound token, which no client may have; null: there is none. */
  readonly inboundToken: Secret | null;
}

/** The clients without error, and all that is wrong with them. */
export interface ClientsResult {
  readonly clients: ReadonlyMap<string, Client>;
  readonly problems: readonly Problem[];
}

/** Reads a registry's clients; a token tells them apart, so no two may share one. */
export async function readClients(
  content: RegistryContent,
  { path, sources, inboundToken }: ClientsContext,
): Promise<ClientsResult> {
  const context = { path, sources, hostsByLabel: indexHosts(content) };
  const clients = new Map<string, Client>();
  const problems: Problem[] = [];
  const owners = new Map<string, string>();
  if (inboundToken !== null) owners.set(inboundToken.reveal(), "the hub itself");
  for (const entry of content.clients) {
    const { client, problems: own } = await readClient(entry, context);
    problems.push(...own);
    if (client === null) continue;
    const text = client.token.reveal();
    const owner = owners.get(text);
    if (owner !== undefined) {
      const message = `has the same token as ${owner}: give it one of its own`;
      problems.push({ severity: "error", source: path, ...entry.locate([]), message });
    }
    owners.set(text, `client "${client.name}"`);
    clients.set(client.name, client);
  }
  return { clients, problems };
}

/** A host's name stands for that host, any other text for the hosts with this tag. */
function indexHosts({ hosts, defaults }: RegistryContent): ReadonlyMap<string, readonly string[]> {
  const byLabel = new Map<string, readonly string[]>();
  for (const { name, fields } of hosts) {
    const tags = isTable(fields) ? hostSchema.shape.tags.safeParse(fields.tags).data : undefined;
    for (const tag of tags ?? defaults.tags ?? []) {
      byLabel.set(tag, [...byLabel.get(tag) ?? [], name]);
    }
  }
  for (const { name } of hosts) byLabel.set(name, [name]);
  return byLabel;
}
