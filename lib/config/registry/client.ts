import type { ConfigSources } from "../sources.ts";
import { didYouMean } from "../../base/near_names.ts";
import type { Problem } from "../../base/problem.ts";
import { type Client, OWN_PRINCIPALS } from "../../fleet/client.ts";
import { findNameFault } from "./address.ts";
import type { RegistryEntry } from "./entry.ts";
import { clientSchema, schemaProblems, toToolRules } from "./schema.ts";
import { readOwnToken } from "./token.ts";

/** What a client's entry is read with. */
export interface ClientContext {
  /** The registry's path. */
  readonly path: string;
  readonly sources: ConfigSources;
  /** The names of the hosts that a name or a tag in `hosts` stands for. */
  readonly hostsByLabel: ReadonlyMap<string, readonly string[]>;
}

/** A client, null if its entry has an error, and all that is wrong with the entry. */
export interface ClientResult {
  readonly client: Client | null;
  readonly problems: readonly Problem[];
}

/** Checks a client's entry and reads its token. */
export async function readClient(
  entry: RegistryEntry,
  context: ClientContext,
): Promise<ClientResult> {
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
  return { client, problems };
}

function findClientNameFault(name: string): string | null {
  if (!OWN_PRINCIPALS.has(name)) return findNameFault(name, "client");
  return "the hub itself calls others by this name: choose another one";
}

/** An item is told by its place, not by its text: it may be a misplaced token. */
function findUnknownLabels(labels: readonly string[], { hostsByLabel }: ClientContext): string[] {
  return labels.flatMap((label, index) =>
    hostsByLabel.has(label)
      ? []
      : `item ${index + 1} is neither a host nor a tag${didYouMean(label, hostsByLabel.keys())}`
  );
}

function namedHosts(labels: readonly string[], { hostsByLabel }: ClientContext): Set<string> {
  return new Set(labels.flatMap((label) => hostsByLabel.get(label) ?? []));
}
