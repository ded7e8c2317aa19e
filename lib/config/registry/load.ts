import {
  type ConfigSources,
  findTampering,
  formatMode,
  isOpenToOthers,
  readFailure,
} from "../sources.ts";
import type { Problem } from "../../base/problem.ts";
import type { Secret } from "../../base/secret.ts";
import type { Host, HostTimeouts, Registry } from "../../fleet/host.ts";
import type { AnnouncedHost } from "../../fleet/nats/presence.ts";
import type { OauthSettings } from "../oauth.ts";
import { readClients } from "./clients.ts";
import { readCommands } from "./commands/read.ts";
import { readConfirm } from "./confirm.ts";
import { NOTHING_PARSED, type RegistryContent } from "./entry.ts";
import { readGroups } from "./groups.ts";
import { readHost } from "./host.ts";
import { registryLabels } from "./labels.ts";
import { parseLegacyRegistry } from "./formats/legacy.ts";
import { isTable } from "./formats/lines.ts";
import { discoveredEntries, type Discovery, readDiscovery } from "./nats.ts";
import { readOauth } from "./oauth.ts";
import { looksToml, parseTomlRegistry } from "./formats/toml.ts";

/** What a registry is read with. */
export interface RegistryInputs extends ConfigSources {
  /** The hub-wide timeouts, for hosts that set none of their own. */
  readonly defaults: HostTimeouts;
  /** Those of `defaults` that the registry's `[defaults]` does not change; none if left out. */
  readonly pinned?: ReadonlySet<keyof HostTimeouts>;
  /** The hub's own inbound token, which no client may have; none if left out. */
  readonly inboundToken?: Secret | null;
  /** Names of the hosts when the registry was read before; none if left out. */
  readonly formerHosts?: ReadonlySet<string>;
  /** The hosts that have announced themselves over NATS; none if left out. */
  readonly announced?: readonly AnnouncedHost[];
  /** Whether to ignore the clients, for a hub that none can reach. */
  readonly skipsClients?: boolean;
}

/** The hosts and clients without error, and all problems; do not use it with an error among them. */
export interface ParsedRegistry {
  readonly registry: Registry;
  readonly problems: readonly Problem[];
  /**
   * The tokens of all clients, also of those with an error elsewhere, by name; null for one that has
   * none. Null as a whole: the file does not say, since it is missing, not written yet, or cannot be
   * parsed.
   */
  readonly statedTokens: ReadonlyMap<string, Secret | null> | null;
  /** Null: there is none, or it has an error. */
  readonly oauth: OauthSettings | null;
  /** Whether the file has such settings, right or wrong. */
  readonly statesOauth: boolean;
  /** Whether hosts are listed that announce themselves over NATS. */
  readonly discovers: boolean;
}

/** A registry read from its file. */
export interface LoadedRegistry extends ParsedRegistry {
  /** Whether there is no such file: then there are no hosts, and no problems. */
  readonly isMissing: boolean;
}

/** Whether a registry is TOML, by its name; any other is in the format of the Lua hub. */
export function isTomlPath(path: string): boolean {
  return path.endsWith(".toml");
}

/** The Lua hub's words for a registry that does not exist. */
export function missingRegistryText(path: string): string {
  return `hub: no backend registry at ${path}`;
}

/** Parses a registry's text, and reads the tokens that it names. Problems come by line. */
export async function parseRegistry(
  text: string,
  inputs: RegistryInputs & { readonly path: string },
): Promise<ParsedRegistry> {
  const { path } = inputs;
  const written = parseRegistryContent(text, path);
  const { discovery, problems: natsProblems } = readDiscovery(written, path);
  const content = withDiscovered(written, { ...inputs, discovery });
  const context = {
    path,
    sources: inputs,
    names: new Set(written.hosts.map(({ name }) => name)),
    defaults: content.defaults,
    timeouts: inputs.defaults,
    pinned: inputs.pinned ?? new Set(),
  };
  const results = await Promise.all(content.hosts.map((entry) => readHost(entry, context)));
  const hosts = new Map<string, Host>();
  for (const { host } of results) {
    if (host !== null) hosts.set(host.name, host);
  }
  const { inboundToken = null, formerHosts = new Set(), skipsClients = false } = inputs;
  const stated = skipsClients ? { ...content, clients: [], oauth: null } : content;
  const { oauth, problems: oauthProblems } = readOauth(stated, path);
  const statesOauth = stated.oauth !== null;
  const labels = registryLabels(content, { former: formerHosts, discovery });
  const { commands, problems: commandProblems } = readCommands(content, { path, labels });
  const { confirm, problems: confirmProblems } = readConfirm(content, { path, labels });
  const { clients, statedTokens, ...rest } = await readClients(stated, {
    path,
    sources: inputs,
    inboundToken,
    labels,
    commands,
    needsTokens: !statesOauth,
  });
  const { groups, problems: groupProblems } = readGroups(written, path);
  const problems = [
    ...await checkTrust(inputs),
    ...await checkMode(content, inputs),
    ...content.problems,
    ...results.flatMap((result) => result.problems),
    ...rest.problems,
    ...commandProblems,
    ...confirmProblems,
    ...groupProblems,
    ...oauthProblems,
    ...natsProblems,
  ].sort((a, b) => (a.line ?? 0) - (b.line ?? 0));
  const isWritten = written.isParsed && written.hosts.length + written.clients.length > 0;
  return {
    registry: {
      path,
      hosts,
      clients,
      groups,
      ...(commands.size > 0 && { commands }),
      ...(confirm.length > 0 && { confirm }),
    },
    problems,
    statedTokens: isWritten && !skipsClients ? statedTokens : null,
    oauth,
    statesOauth,
    discovers: discovery !== null,
  };
}

/** The registry as if it named the announced hosts that it lists. */
function withDiscovered(
  content: RegistryContent,
  { announced = [], discovery }: Pick<RegistryInputs, "announced"> & {
    readonly discovery: Discovery | null;
  },
): RegistryContent {
  if (discovery === null || announced.length === 0) return content;
  const discovered = discoveredEntries(announced, content, discovery);
  return { ...content, hosts: [...content.hosts, ...discovered] };
}

/** Reads and parses a registry. A file that cannot be read is a problem, a missing one is not. */
export async function loadRegistry(path: string, inputs: RegistryInputs): Promise<LoadedRegistry> {
  const registry: Registry = { path, hosts: new Map(), clients: new Map(), groups: new Map() };
  let text: string;
  try {
    text = await inputs.readTextFile(path);
  } catch (error) {
    const unknown = {
      registry,
      statedTokens: null,
      oauth: null,
      statesOauth: false,
      discovers: false,
    };
    if (error instanceof Deno.errors.NotFound) return { ...unknown, problems: [], isMissing: true };
    const message = `cannot read the registry: ${readFailure(error)}`;
    return { ...unknown, problems: [wholeFile("error", path, message)], isMissing: false };
  }
  return { ...await parseRegistry(text, { ...inputs, path }), isMissing: false };
}

/** Parses a registry's text, and checks nothing of its hosts and clients. */
export function parseRegistryContent(written: string, path: string): RegistryContent {
  const text = written.replace(/^\uFEFF/, "");
  if (isTomlPath(path)) return parseTomlRegistry(text, path);
  if (!looksToml(text)) return parseLegacyRegistry(text, path);
  const message = 'looks like TOML, which only a file with a name that ends in ".toml" may hold';
  return { ...NOTHING_PARSED, problems: [wholeFile("error", path, message)] };
}

/** Whoever may write the registry decides where commands and tokens are sent. */
async function checkTrust(inputs: RegistryInputs & { readonly path: string }): Promise<Problem[]> {
  const fault = await findTampering(inputs.path, inputs);
  return fault === null ? [] : [wholeFile("error", inputs.path, fault)];
}

/** Tokens in a file that others may read are a warning: the Lua hub runs with such files. */
async function checkMode(
  { hosts, clients }: RegistryContent,
  { path, fileMode }: RegistryInputs & { readonly path: string },
): Promise<Problem[]> {
  if (![...hosts, ...clients].some(({ fields }) => isTable(fields) && "token" in fields)) return [];
  const mode = await fileMode(path).catch(() => null);
  if (!isOpenToOthers(mode)) return [];
  const message = `holds tokens and is open to other users (mode ${formatMode(mode)}): ` +
    "chmod it to 0600";
  return [wholeFile("warning", path, message)];
}

function wholeFile(severity: Problem["severity"], source: string, message: string): Problem {
  return { severity, source, line: null, field: null, message };
}
