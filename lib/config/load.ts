import { type HubFlags, type HubMode, type HubSettings, loadHubSettings } from "./settings.ts";
import { type ConfigFiles, noteFiles } from "./files.ts";
import type { ConfigSources } from "./sources.ts";
import type { Registry } from "../fleet/host.ts";
import { loadRegistry, type ParsedRegistry } from "./registry/load.ts";
import type { Problem } from "../base/problem.ts";

/** The whole configuration: command line, environment and files. */
export interface Configuration {
  readonly settings: HubSettings;
  readonly registry: Registry;
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
}

/** Reads settings and registry as one; `former` is the registry that is in use, if there is one. */
export async function loadConfiguration(
  mode: HubMode,
  flags: HubFlags,
  sources: ConfigSources,
  former: Registry | null = null,
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
      formerHosts: new Set(former?.hosts.keys()),
      skipsClients: !settings.listens,
    },
  );
  const { registry, isMissing, problems: registryProblems, statedTokens } = loaded;
  const isOpen = unguarded !== null && registry.clients.size === 0;
  return {
    configuration: { settings, registry, isRegistryMissing: isMissing, files },
    problems: [...problems, ...(isOpen ? [unguarded] : []), ...registryProblems],
    registryProblems,
    statedTokens,
  };
}

/** Whether callers over HTTP must present a token. */
export function asksForToken({ settings, registry }: Configuration): boolean {
  return settings.token !== null || registry.clients.size > 0;
}
