import { type HubFlags, type HubMode, type HubSettings, loadHubSettings } from "../config.ts";
import type { Registry } from "../fleet/host.ts";
import { loadRegistry, missingRegistryText } from "../fleet/registry.ts";
import { openSshControl, type SshControl } from "../fleet/ssh_control.ts";
import { createServer, type McpServer } from "../mcp/server.ts";
import type { Logger } from "../ops/log.ts";
import { createRemoteTools } from "../tools/remote_tools.ts";
import { VERSION } from "../version.ts";
import { openFleet } from "./fleet.ts";
import { type Program, tellProblems } from "./program.ts";

/** A configuration without errors. */
export interface HubConfiguration {
  readonly settings: HubSettings;
  readonly registry: Registry;
}

/** The hub's MCP server, and what it stands on. */
export interface Hub {
  readonly server: McpServer;
  /** Ends what the tools stand on; call it when the server has closed. */
  readonly close: () => Promise<void>;
}

const INSTRUCTIONS =
  "Tools for a fleet of hosts: each takes the name of a host, which remote_list_hosts lists. " +
  'An answer whose outcome is "unknown" may have taken effect: look at the host before you ' +
  "repeat the call.";

/**
 * Reads settings and registry. Tells all problems on standard error; null if there is an error
 * among them. A registry that does not exist is none: the hub has no hosts then.
 */
export async function configureHub(
  mode: HubMode,
  flags: HubFlags,
  program: Program,
): Promise<HubConfiguration | null> {
  const { settings, problems } = await loadHubSettings({ ...program, mode, flags });
  const loaded = await loadRegistry(settings.registryPath, {
    ...program,
    defaults: settings.timeouts,
    pinned: settings.pinnedTimeouts,
  });
  if (tellProblems([...problems, ...loaded.problems], program)) return null;
  if (loaded.isMissing) program.stderr(missingRegistryText(settings.registryPath));
  return { settings, registry: loaded.registry };
}

/** Makes the hub's server. */
export async function openHub(
  { settings, registry }: HubConfiguration,
  log: Logger,
): Promise<Hub> {
  const current = () => registry;
  const control = await openControl(settings.controlDirectories, log);
  const fleet = openFleet({ settings, registry: current, control });
  const tools = createRemoteTools({
    registry: current,
    dispatch: fleet.dispatch,
    survey: fleet.prober.survey,
    now: () => performance.now(),
  });
  const server = createServer({
    name: settings.name,
    version: VERSION,
    instructions: INSTRUCTIONS,
    tools: () => tools,
    log: log.error,
  });
  return { server, close: fleet.close };
}

/** Without a safe place for its sockets ssh connects anew for each call, which is slower. */
async function openControl(
  directories: readonly string[],
  log: Logger,
): Promise<SshControl | null> {
  const reasons: unknown[] = [];
  for (const directory of directories) {
    try {
      return await openSshControl(directory);
    } catch (error) {
      reasons.push(error);
    }
  }
  log.warn("ssh connections are not reused, set LMCP_HUB_CONTROL_DIR", { reasons });
  return null;
}
