import type { ConfigSources } from "../sources.ts";
import { didYouMean } from "../../base/text/near_names.ts";
import type { Problem } from "../../base/problem.ts";
import type { Secret } from "../../base/secret.ts";
import { type Client, OWN_PRINCIPALS } from "../../fleet/client.ts";
import { findNameFault } from "./address.ts";
import type { RegistryContent, RegistryEntry } from "./entry.ts";
import type { Labels } from "./labels.ts";
import { findRightsProblems, toClientRights } from "./commands/client_rights.ts";
import type { NamedCommands } from "../../work/commands/named_command.ts";
import { clientSchema, schemaProblems, toCallLimits, tokenSchema } from "./schema.ts";
import { readOwnToken, tokenWarnings } from "./token.ts";

/** What a registry's clients are read with. */
export interface ClientsContext {
  /** The registry's path. */
  readonly path: string;
  readonly sources: ConfigSources;
  /** The hub's own inbound token, which no client may have; null: there is none. */
  readonly inboundToken: Secret | null;
  readonly labels: Labels;
  /** The commands without error. */
  readonly commands: NamedCommands;
  /** Whether each client must have a token of its own: nothing else says who it is. */
  readonly needsTokens: boolean;
}

/** The clients without error, and all that is wrong with them. */
export interface ClientsResult {
  readonly clients: ReadonlyMap<string, Client>;
  /** The tokens of all clients, also of those with an error elsewhere; null: it has none. */
  readonly statedTokens: ReadonlyMap<string, Secret | null>;
  readonly problems: readonly Problem[];
}

/** Reads a registry's clients; a client is known by its token, so no two may share one. */
export async function readClients(
  content: RegistryContent,
  { path, sources, inboundToken, labels, commands, needsTokens }: ClientsContext,
): Promise<ClientsResult> {
  const statedCommands = content.commands?.map(({ name }) => name) ?? [];
  const context = { path, sources, labels, commands, statedCommands, needsTokens };
  const clients = new Map<string, Client>();
  const problems: Problem[] = [];
  const statedTokens = new Map<string, Secret | null>();
  const owners = new Map<string, string>();
  if (inboundToken !== null) owners.set(inboundToken.reveal(), "the hub itself");
  for (const entry of content.clients) {
    const { client, problems: own } = await readClient(entry, context);
    problems.push(...own);
    const stated = client === null ? await readStatedToken(entry, context) : client.token;
    if (stated !== undefined) statedTokens.set(entry.name, stated);
    if (client === null) continue;
    clients.set(client.name, client);
    if (client.token === null) continue;
    const text = client.token.reveal();
    const owner = owners.get(text);
    if (owner !== undefined) {
      const message = `has the same token as ${owner}: give it one of its own`;
      problems.push({ severity: "error", source: path, ...entry.locate([]), message });
    }
    owners.set(text, `client "${client.name}"`);
  }
  return { clients, statedTokens, problems };
}

/** What a client's entry is read with. */
interface EntryContext {
  /** The registry's path. */
  readonly path: string;
  readonly sources: ConfigSources;
  readonly labels: Labels;
  readonly commands: NamedCommands;
  /** Names of all commands, also of those with an error. */
  readonly statedCommands: readonly string[];
  readonly needsTokens: boolean;
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
  const hosts = meant && new Set(meant.flatMap(({ hosts }) => hosts));
  for (const { severity, path, message } of findRightsProblems({ ...fields, hosts }, context)) {
    (severity === "error" ? problems : warnings)
      .push({ severity, source, ...locate(path), message });
  }
  const own = await readOwnToken(fields, context);
  if ("complaint" in own) fail([own.field], own.complaint);
  else if (own.token === null && context.needsTokens) {
    fail([], "has no token: set token_file, token_env or token");
  }
  if (problems.length > 0 || "complaint" in own) {
    return { client: null, problems };
  }
  const client = {
    name,
    token: own.token,
    tokenVariable: fields.token_env ?? null,
    hosts,
    ...toClientRights(fields),
    maxTimeoutMs: fields.max_timeout ?? null,
    ...toCallLimits(fields),
    results: fields.results ?? null,
  };
  return { client, problems: [...warnings, ...tokenWarnings(own, { source, locate })] };
}

/** The token of a client whose entry has an error, null if it has none; undefined: the error is about it. */
async function readStatedToken(
  { fields }: RegistryEntry,
  context: EntryContext,
): Promise<Secret | null | undefined> {
  const checked = tokenSchema.safeParse(fields);
  if (!checked.success) return undefined;
  const own = await readOwnToken(checked.data, context);
  return "complaint" in own ? undefined : own.token;
}

function findClientNameFault(name: string): string | null {
  if (!OWN_PRINCIPALS.has(name)) return findNameFault(name, "client");
  return "the hub itself calls others by this name: choose another one";
}
