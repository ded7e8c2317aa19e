import type { ConfigSources } from "../sources.ts";
import { didYouMean } from "../../base/near_names.ts";
import type { Problem } from "../../base/problem.ts";
import type { Secret } from "../../base/secret.ts";
import { type Client, OWN_PRINCIPALS } from "../../fleet/client.ts";
import { findNameFault } from "./address.ts";
import type { RegistryContent, RegistryEntry } from "./entry.ts";
import { isTable } from "./lines.ts";
import { clientSchema, hostSchema, schemaProblems, toToolRules } from "./schema.ts";
import { readOwnToken, tokenWarnings } from "./token.ts";

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

/** Reads a registry's clients; a client is known by its token, so no two may share one. */
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

/** A host's name means that host, any other text the hosts with this tag. */
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

/** What a client's entry is read with. */
interface EntryContext {
  /** The registry's path. */
  readonly path: string;
  readonly sources: ConfigSources;
  /** The names of the hosts that a name or a tag in `hosts` means. */
  readonly hostsByLabel: ReadonlyMap<string, readonly string[]>;
}

/** A client, null if its entry has an error, and all that is wrong with the entry. */
interface EntryResult {
  readonly client: Client | null;
  readonly problems: readonly Problem[];
}

/** Checks a client's entry and reads its token. */
async function readClient(
  entry: RegistryEntry,
  context: EntryContext,
): Promise<EntryResult> {
  const { name, locate } = entry;
  const source = context.path;
  const problems: Problem[] = [];
  const fail = (path: readonly string[], message: string) =>
    problems.push({ severity: "error", source, ...locate(path), message });

  const nameFault = findClientNameFault(name);
  if (nameFault !== null) fail([], nameFault);

  const checked = clientSchema.safeParse(entry.fields);
  if (!checked.success) {
    const explainUnknown = (field: string) =>
      `unknown field${didYouMean(field, Object.keys(clientSchema.shape))}`;
    problems.push(...schemaProblems(checked.error, { source, locate, explainUnknown }));
    return { client: null, problems };
  }
  const fields = checked.data;
  for (const message of findUnknownLabels(fields.hosts ?? [], context)) fail(["hosts"], message);
  const own = await readOwnToken(fields, context);
  if ("complaint" in own) fail([own.field], own.complaint);
  else if (own.token === null) fail([], "has no token: set token_file, token_env or token");
  if (problems.length > 0 || "complaint" in own || own.token === null) {
    return { client: null, problems };
  }
  const client = {
    name,
    token: own.token,
    tokenVariable: fields.token_env ?? null,
    hosts: fields.hosts === undefined ? null : namedHosts(fields.hosts, context),
    rules: toToolRules(fields),
  };
  return { client, problems: tokenWarnings(own, { source, locate }) };
}

function findClientNameFault(name: string): string | null {
  if (!OWN_PRINCIPALS.has(name)) return findNameFault(name, "client");
  return "the hub itself calls others by this name: choose another one";
}

/** An item is named by its index, not by its text: it may be a misplaced token. */
function findUnknownLabels(labels: readonly string[], { hostsByLabel }: EntryContext): string[] {
  return labels.flatMap((label, index) =>
    hostsByLabel.has(label)
      ? []
      : `item ${index + 1} is neither a host nor a tag${didYouMean(label, hostsByLabel.keys())}`
  );
}

function namedHosts(labels: readonly string[], { hostsByLabel }: EntryContext): Set<string> {
  return new Set(labels.flatMap((label) => hostsByLabel.get(label) ?? []));
}
