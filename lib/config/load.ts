import { type HubFlags, type HubMode, type HubSettings, loadHubSettings } from "./settings.ts";
import { type ConfigFiles, noteFiles } from "./files.ts";
import type { ConfigSources } from "./sources.ts";
import type { Registry } from "../fleet/host.ts";
import type { AnnouncedHost } from "../fleet/nats/presence.ts";
import { loadRegistry, type ParsedRegistry } from "./registry/load.ts";
import type { Problem } from "../base/problem.ts";
import type { OauthSettings } from "./oauth.ts";

/** The whole configuration: command line, environment and files. */
export interface Configuration {
  readonly settings: HubSettings;
  readonly registry: Registry;
  /** Null: only tokens that the hub itself knows are accepted. */
  readonly oauth: OauthSettings | null;
  /** Whether hosts are listed that announce themselves over NATS. */
  readonly discovers: boolean;
  /** Whether the registry's file does not exist: then there are no hosts. */
  readonly isRegistryMissing: boolean;
  /** The files that it was read from. */
  readonly files: ConfigFiles;
}

/** A configuration and all that is wrong with it; do not use it with an error among that. */
export interface LoadedConfiguration {
  readonly configuration: Configuration;
  readonly problems: readonly Problem[];
  /** Those of `problems` that concern the registry. */
  readonly registryProblems: readonly Problem[];
  /** Who has a token, as `ParsedRegistry` has it. */
  readonly statedTokens: ParsedRegistry["statedTokens"];
  /** Whether there are settings for OAuth, right or wrong. */
  readonly statesOauth: boolean;
}

/** What a running hub knows when it reads its configuration again. */
export interface LoadContext {
  /** The registry that is in use. */
  readonly former: Registry;
  /** The hosts that have announced themselves over NATS. */
  readonly announced: readonly AnnouncedHost[];
}

/** Reads settings and registry as one; `context` is what is known by then, if it is read again. */
export async function loadConfiguration(
  mode: HubMode,
  flags: HubFlags,
  sources: ConfigSources,
  { former, announced = [] }: Partial<LoadContext> = {},
): Promise<LoadedConfiguration> {
  const files = noteFiles(sources);
  const { settings, problems, unguarded } = await loadHubSettings({
    ...files.sources,
    mode,
    flags,
  });
  const loaded = await loadRegistry(
    settings.registryPath,
    {
      ...files.sources,
      defaults: settings.timeouts,
      pinned: settings.pinnedTimeouts,
      inboundToken: settings.token,
      formerHosts: new Set(formerNames(former)),
      announced,
      skipsClients: !settings.listens,
    },
  );
  const { registry, oauth, discovers, isMissing, problems: registryProblems, ...stated } = loaded;
  const isOpen = unguarded !== null && registry.clients.size === 0 && !stated.statesOauth;
  return {
    configuration: { settings, registry, oauth, discovers, isRegistryMissing: isMissing, files },
    problems: [...problems, ...(isOpen ? [unguarded] : []), ...registryProblems],
    registryProblems,
    ...stated,
  };
}

/** The hosts that the registry named: what has announced itself takes no name from it. */
function formerNames(former: Registry | undefined): readonly string[] {
  return [...former?.hosts.values() ?? []].filter(({ isDiscovered }) => !isDiscovered)
    .map(({ name }) => name);
}

/** Whether callers over HTTP must present a token. */
export function asksForToken({ settings, registry, oauth }: Configuration): boolean {
  return settings.token !== null || registry.clients.size > 0 || oauth !== null;
}
