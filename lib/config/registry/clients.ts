import type { ConfigSources } from "../sources.ts";
import { didYouMean } from "../../base/text/near_names.ts";
import type { Problem } from "../../base/problem.ts";
import type { Secret } from "../../base/secret.ts";
import { type Client, OWN_PRINCIPALS } from "../../fleet/client.ts";
import { findNameFault } from "./address.ts";
import type { RegistryContent, RegistryEntry } from "./entry.ts";
import { createLabels, type Labels, statedTags } from "./labels.ts";
import { clientSchema, schemaProblems, tokenSchema, toToolRules } from "./schema.ts";
import { readOwnToken, tokenWarnings } from "./token.ts";

/** What a registry's clients are read with. */
export interface ClientsContext {
  /** The registry's path. */
  readonly path: string;
  readonly sources: ConfigSources;
  /** The hub's own inbound token, which no client may have; null: there is none. */
  readonly inboundToken: Secret | null;
  /** Names of the hosts when the registry was read before: none of them silently becomes a tag. */
  readonly formerHosts: ReadonlySet<string>;
}

/** The clients without error, and all that is wrong with them. */
export interface ClientsResult {
  readonly clients: ReadonlyMap<string, Client>;
  /** The tokens of all clients that have one, also of those with an error elsewhere, by name. */
  readonly statedTokens: ReadonlyMap<string, Secret>;
  readonly problems: readonly Problem[];
}

/** Reads a registry's clients; a client is known by its token, so no two may share one. */
export async function readClients(
  content: RegistryContent,
  { path, sources, inboundToken, formerHosts }: ClientsContext,
): Promise<ClientsResult> {
  const labels = createLabels({
    names: content.hosts.map(({ name }) => name),
    tagged: indexTags(content),
    former: formerHosts,
  });
  const context = { path, sources, labels };
  const clients = new Map<string, Client>();
  const problems: Problem[] = [];
  const statedTokens = new Map<string, Secret>();
  const owners = new Map<string, string>();
  if (inboundToken !== null) owners.set(inboundToken.reveal(), "the hub itself");
  for (const entry of content.clients) {
    const { client, problems: own } = await readClient(entry, context);
    problems.push(...own);
    const stated = client?.token ?? await readStatedToken(entry, context);
    if (stated !== null) statedTokens.set(entry.name, stated);
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
  return { clients, statedTokens, problems };
}

/** The names of the hosts that have each tag. */
function indexTags(content: RegistryContent): ReadonlyMap<string, readonly string[]> {
  const tagged = new Map<string, readonly string[]>();
  for (const [name, tags] of statedTags(content)) {
    for (const tag of tags) tagged.set(tag, [...tagged.get(tag) ?? [], name]);
  }
  return tagged;
}

/** What a client's entry is read with. */
interface EntryContext {
  /** The registry's path. */
  readonly path: string;
  readonly sources: ConfigSources;
  readonly labels: Labels;
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
  const warnings: Problem[] = [];

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
  const meant = fields.hosts?.map(context.labels) ?? null;
  for (const [index, { fault, advice }] of meant?.entries() ?? []) {
    if (fault !== null) fail(["hosts"], `item ${index + 1} ${fault}`);
    if (advice === null) continue;
    const message = `item ${index + 1} ${advice}`;
    warnings.push({ severity: "warning", source, ...locate(["hosts"]), message });
  }
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
    hosts: meant && new Set(meant.flatMap(({ hosts }) => hosts)),
    rules: toToolRules(fields),
    maxTimeoutMs: fields.max_timeout ?? null,
    results: fields.results ?? null,
  };
  return { client, problems: [...warnings, ...tokenWarnings(own, { source, locate })] };
}

/** The token of a client whose entry has an error, if that is not about the token. */
async function readStatedToken(
  { fields }: RegistryEntry,
  context: EntryContext,
): Promise<Secret | null> {
  const checked = tokenSchema.safeParse(fields);
  if (!checked.success) return null;
  const own = await readOwnToken(checked.data, context);
  return "complaint" in own ? null : own.token;
}

function findClientNameFault(name: string): string | null {
  if (!OWN_PRINCIPALS.has(name)) return findNameFault(name, "client");
  return "the hub itself calls others by this name: choose another one";
}
